-- Puts the rows of a baseline, which were read while others wrote, back to where it began: a row
-- that was changed since is what it was before its first change, or was not there. The intake was
-- empty when it was last analyzed, so a nested loop seems cheap: it would compute the key of each
-- row of the baseline once for each key that was changed.
create or replace function plumb.put_back_snapshot(
    p_relation text,
    p_key text,
    p_after_seal bigint,
    p_position bigint,
    p_snapshot pg_snapshot
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
declare
    v_at timestamptz;
    v_keys text [];
    v_rows jsonb [];
begin
    select array_agg(c.record_key), array_agg(c.row) filter (where c.row is not null)
    into v_keys, v_rows
    from (
        select distinct on (k.record_key) k.record_key, k.row
        from plumb.log_of_table(p_relation, p_after_seal) as l
        cross join lateral (values (l.record_key, l.old_row), (l.new_key, null))
            as k (record_key, row)
        where
            l.op in ('INSERT', 'UPDATE', 'DELETE')
            and l.position > p_position
            and pg_visible_in_snapshot(l.txid, p_snapshot)
            and k.record_key is not null
        order by k.record_key, l.position
    ) as c;
    if v_keys is null then
        return;
    end if;
    perform set_config('plumb.audit_dismantling', 'on purpose', true);
    with gone as (
        delete from plumb.audit_intake as i
        using unnest(v_keys) as k (record_key)
        where
            i.txid = pg_current_xact_id()
            and i.relation = p_relation
            and i.op = 'SNAPSHOT'
            and i.position = p_position
            and plumb.audit_key(i.new_row, p_key) = k.record_key
        returning i.occurred_at
    )

    select min(g.occurred_at) into v_at from gone as g;
    perform set_config('plumb.audit_dismantling', '', true);
    insert into plumb.audit_intake (
        position, txid, occurred_at, op, relation, key, actor, app_user, new_row
    )
    overriding system value
    select
        p_position, pg_current_xact_id(), coalesce(v_at, clock_timestamp()), 'SNAPSHOT', p_relation,
        p_key, session_user, plumb.app_user(), r.value
    from unnest(v_rows) as r (value);
end;
$$;
comment on function plumb.put_back_snapshot(text, text, bigint, bigint, pg_snapshot) is
'Undo in the rows of a baseline what others changed since it began.';
revoke execute on function plumb.put_back_snapshot(
    text, text, bigint, bigint, pg_snapshot
) from public;
grant execute on function plumb.put_back_snapshot(text, text, bigint, bigint, pg_snapshot)
to plumb_owner;
