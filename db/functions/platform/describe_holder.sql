-- Says who holds a lock: the session that claimed a row of plumb.locks, or the transaction, perhaps
-- a prepared one, that locked it.
create or replace function plumb.describe_holder(p_name text)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with holders as (
        select k.pid
        from plumb.locks as l
        inner join pg_locks as k
            on k.locktype = 'transactionid' and k.transactionid = l.xmax and k.granted
        where l.name = p_name and k.pid is not null
        union
        select l.holder_pid
        from plumb.locks as l
        where l.name = p_name and plumb.is_claimed(p_name)
    ),

    named as (
        select format(
            'held by process %s (role %s, application %s, %s, transaction since %s)',
            a.pid,
            coalesce(quote_ident(a.usename), 'unknown'),
            quote_literal(a.application_name),
            coalesce(a.state, 'state unknown'),
            coalesce(a.xact_start::timestamptz(0)::text, 'none')
        ) as holder
        from holders as h
        inner join pg_stat_activity as a on a.pid = h.pid
        union all
        select format(
            'held by the prepared transaction %L of role %I, prepared at %s',
            p.gid,
            p.owner,
            p.prepared::timestamptz(0)
        )
        from plumb.locks as l
        inner join pg_prepared_xacts as p on p.transaction = l.xmax
        where l.name = p_name
    )

    select coalesce(string_agg(n.holder, '; '), 'its holder has just let go of it')
    from named as n
$$;
comment on function plumb.describe_holder(text) is
'Who has locked or claimed a row of plumb.locks, in words.';
grant execute on function plumb.describe_holder(text) to plumb_operator;
