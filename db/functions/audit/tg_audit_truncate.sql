-- Records a TRUNCATE. That of a table is one row of the log: its contents follow from what stands
-- before. That of a single partition leaves the rest of the table as it is, so each row is written
-- as deleted. Truncating the root fires its trigger first and then those of its partitions, before
-- any row is gone: they see in what this transaction recorded last that all is recorded already.
create or replace function plumb.tg_audit_truncate()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_formats jsonb;
begin
    if tg_argv[0] = plumb.relation_name(tg_relid) then
        perform plumb.append_audit('TRUNCATE', tg_argv[0], '', null, null);
    elsif
        'TRUNCATE' is distinct from (
            select i.op
            from plumb.audit_intake as i
            where i.txid = pg_current_xact_id() and i.relation = tg_argv[0]
            order by i.position desc
            limit 1
        )
    then
        v_formats := plumb.pin_formats();
        insert into plumb.audit_intake (
            txid, occurred_at, op, relation, key, actor, app_user, old_row
        )
        select
            pg_current_xact_id(), clock_timestamp(), 'DELETE', tg_argv[0], tg_argv[1], session_user,
            plumb.app_user(), i.value
        from plumb.inspect(
            plumb.payload_query(
                tg_relid,
                '{}',
                coalesce(tg_argv[3]::text [], '{}'),
                coalesce(tg_argv[4]::text [], '{}'),
                p_is_only => true
            )
        ) as i;
        perform plumb.unpin_formats(v_formats);
    end if;
    return null;
end;
$$;
comment on function plumb.tg_audit_truncate() is 'Record a TRUNCATE for the audit log.';
revoke execute on function plumb.tg_audit_truncate() from public;
