-- Measures how much of a sequence is used: at its end every INSERT fails. Only a role that may read
-- a sequence sees its value, so this function runs as the superuser.
reset role;
create or replace function plumb.check_sequences()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'sequences',
        coalesce(max(s.used_percent), 0),
        '%',
        coalesce(
            'the fullest is ' || (array_agg(s.name order by s.used_percent desc))[1],
            'there are no sequences'
        ),
        'Change the column and its sequence to bigint while there is time.'
    )
    from (
        select
            format('%I.%I', q.schemaname, q.sequencename) as name,
            coalesce(q.last_value, q.start_value)::numeric * 100
            / least(
                q.max_value::numeric,
                -- A bigint sequence behind an integer column ends where the column does.
                case a.atttypid
                    when 'integer'::regtype then 2147483647
                    when 'smallint'::regtype then 32767
                    else q.max_value::numeric
                end
            ) as used_percent
        from pg_sequences as q
        left join pg_depend as d
            on
                d.classid = 'pg_class'::regclass
                and d.objid = format('%I.%I', q.schemaname, q.sequencename)::regclass
                and d.refclassid = 'pg_class'::regclass
                and d.deptype in ('a', 'i')
        left join pg_attribute as a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
        where
            not q.cycle
            and q.increment_by > 0
            and q.schemaname <> 'plumb'
    ) as s
$$;
comment on function plumb.check_sequences() is
'Fullest sequence, percent of its range or of its column''s.';
revoke execute on function plumb.check_sequences() from public;
grant execute on function plumb.check_sequences() to plumb_reader, plumb_owner;
