-- Refuses every change of what the log has recorded. Redaction and retention, which must change it,
-- say so in a setting and own the log; an application can do neither.
create or replace function plumb.tg_keep_audit()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if
        current_setting('plumb.audit_dismantling', true) = 'on purpose'
        and pg_has_role(current_user, 'plumb_owner', 'member')
    then
        return case when tg_level = 'ROW' then coalesce(new, old) end;
    end if;
    raise exception '%.% is append-only: % refused', tg_table_schema, tg_table_name, tg_op
        using errcode = 'object_not_in_prerequisite_state',
        hint = 'Erase personal data with plumb.redact_audit(), old rows with plumb.retire_audit().';
end;
$$;
comment on function plumb.tg_keep_audit() is 'Refuse every change of what the log has recorded.';
