-- Deletes idempotency keys that have expired: their answers are no longer replayed.
create or replace function plumb.prune_idempotency_keys()
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with expired as (
        delete from plumb.idempotency_keys as k
        where (k.scope, k.idempotency_key) in (
            select e.scope, e.idempotency_key
            from plumb.idempotency_keys as e
            where e.expires_at < plumb.current_time()
            order by e.expires_at
            limit plumb.setting_number('prune_rows_max')::integer
        )
        returning 1
    )

    select plumb.counted(count(*), 'key deleted', 'keys deleted') from expired
$$;
comment on function plumb.prune_idempotency_keys() is
'Delete expired idempotency keys; says how many.';
grant execute on function plumb.prune_idempotency_keys() to plumb_worker;
