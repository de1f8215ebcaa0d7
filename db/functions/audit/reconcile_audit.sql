-- Compares an audited table with the state that its log implies: a chain does not show a change
-- that was never logged. The log of a captured table is behind: where it differs by key, what was
-- read from the WAL meanwhile shows whether that key was changed just then. Keys for which that is
-- so are compared once more while writers wait; that is undone, and so is what was read for it.
create or replace function plumb.reconcile_audit(p_relation regclass, p_mode text default 'full')
returns table (kind text, relation text, record_key text, expected text, actual text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_relation constant text := plumb.relation_name(p_relation);
    v_position bigint;
    v_seal bigint;
    v_found jsonb;
    v_certain jsonb;
begin
    if not exists (
        select from plumb.audited_tables as a where a.relation = v_relation and a.capture = 'wal'
    ) then
        return query select c.* from plumb.compare_with_log(p_relation, p_mode) as c;
        return;
    end if;
    perform plumb.capture_audit();
    select s.last_value, (select max(n.seal_id) from plumb.seals as n)
    into v_position, v_seal
    from plumb.audit_intake_position_seq as s;
    select jsonb_agg(c) into v_found from plumb.compare_with_log(p_relation, p_mode) as c;
    if v_found is null then
        return;
    end if;
    perform plumb.capture_audit();
    with newer as materialized (
        select l.record_key, l.new_key, l.op
        from plumb.log_of_table(v_relation, v_seal) as l
        where l.position > v_position
    )

    select jsonb_agg(f.value) into v_certain
    from jsonb_array_elements(v_found) as f
    where
        f.value ->> 'record_key' is null
        or not exists (
            select from newer as n
            where
                f.value ->> 'record_key' in (n.record_key, n.new_key)
                or n.op in ('TRUNCATE', 'BASELINE')
        );
    if v_certain is distinct from v_found then
        begin
            perform plumb.lock_captured(v_relation);
            select coalesce(v_certain, '[]') || coalesce(jsonb_agg(c), '[]') into v_certain
            from plumb.compare_with_log(p_relation, 'changes') as c
            where
                c.record_key is not null
                and c.record_key in (
                    select f.value ->> 'record_key' from jsonb_array_elements(v_found) as f
                )
                and c.record_key not in (
                    select f.value ->> 'record_key'
                    from jsonb_array_elements(coalesce(v_certain, '[]')) as f
                    where f.value ->> 'record_key' is not null
                );
            raise exception 'compared' using errcode = 'PL000', hint = 'Undoes the lock.';
        exception
            when sqlstate 'PL000' then null;
        end;
    end if;
    return query
    select r.*
    from jsonb_to_recordset(v_certain)
        as r (kind text, relation text, record_key text, expected text, actual text);
end;
$$;
comment on function plumb.reconcile_audit(regclass, text) is
'Where a table is not what its log says: by key what changed lately, or (full) all of it.';
revoke execute on function plumb.reconcile_audit(regclass, text) from public;
grant execute on function plumb.reconcile_audit(regclass, text) to plumb_operator, plumb_owner;
