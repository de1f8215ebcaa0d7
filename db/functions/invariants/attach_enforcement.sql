-- Brings the triggers of the watched tables to what the invariant's enforcement says. What is
-- right already stays untouched, for attaching takes a lock that stops writers.
-- Runs as the superuser, for the tables are not ours.
reset role;
create or replace function plumb.attach_enforcement(p_invariant text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
    v_end constant bytea := decode('00', 'hex');
    v_change record;
begin
    for v_change in
        with wanted as (
            select
                plumb.find_relation(w.relation) as relation,
                array[i.name] || w.columns as arguments
            from plumb.invariants as i
            inner join (
                select
                    k.invariant,
                    k.relation,
                    array_agg(c.name order by k.key_column, k.view_column, c.position) as columns
                from plumb.invariant_watches as k
                cross join lateral (
                    values (1, k.key_column), (2, k.view_column)
                ) as c (position, name)
                group by k.invariant, k.relation
            ) as w on w.invariant = i.name
            where
                i.name = p_invariant
                and i.enforcement = 'commit'
                and i.is_enabled
                and plumb.find_relation(w.relation) is not null
        ),

        attached as (
            select t.tgrelid as relation, t.tgname as trigger_name, t.tgargs
            from pg_trigger as t
            where
                t.tgparentid = 0
                and t.tgfoid = 'plumb.tg_collect_keys()'::regprocedure
                -- The first argument, as the catalog keeps it: each ends in a zero byte.
                and t.tgargs like convert_to(p_invariant, getdatabaseencoding()) || v_end || '%'
        )

        select
            case
                when a.relation is not null
                    then format('drop trigger %I on %s', a.trigger_name, a.relation::regclass)
            end as detach,
            case
                when w.relation is not null
                    then format(
                        'create trigger %I after insert or update or delete on %s for each row'
                        ' execute function plumb.tg_collect_keys(%s)',
                        'plumb_collect_' || lower(p_invariant),
                        w.relation,
                        (select string_agg(quote_literal(v), ', ') from unnest(w.arguments) as v)
                    )
            end as attach
        from wanted as w
        full join attached as a on a.relation = w.relation
        where a.tgargs is distinct from (
            select string_agg(convert_to(v, getdatabaseencoding()) || v_end, '')
            from unnest(w.arguments) as v
        )
        order by coalesce(w.relation, a.relation)::regclass::text
    loop
        if v_change.detach is not null then
            execute v_change.detach;
        end if;
        if v_change.attach is not null then
            execute v_change.attach;
        end if;
    end loop;
end;
$$;
comment on function plumb.attach_enforcement(text) is
'Attach or detach an invariant''s triggers as its enforcement says; again changes nothing.';
revoke execute on function plumb.attach_enforcement(text) from public;
grant execute on function plumb.attach_enforcement(text) to plumb_owner;
