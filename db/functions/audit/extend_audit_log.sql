-- Makes sure that the log has a partition for the next seals. The new table is attached, for
-- attaching lets writers go on while creating it in place would stop them.
create or replace function plumb.extend_audit_log(p_seal_id bigint)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
set default_tablespace = ''
set default_table_access_method = 'heap'
as $$
declare
    -- What a seal may be ahead of its partition: never less than one.
    c_margin constant bigint := 100;
    v_begin bigint;
    v_name text;
begin
    loop
        select max(
            (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''(\d+)''\)'))[1]::bigint
        )
        into v_begin
        from pg_inherits as i
        inner join pg_class as c on c.oid = i.inhrelid
        where i.inhparent = 'plumb.audit_blocks'::regclass;
        exit when v_begin > p_seal_id + c_margin;
        v_begin := coalesce(v_begin, p_seal_id);
        v_name := format('audit_blocks_%s', v_begin);
        execute format('create table plumb.%I (like plumb.audit_blocks including all)', v_name);
        execute format(
            'create trigger audit_blocks_keep_all before truncate on plumb.%I '
            'for each statement execute function plumb.tg_keep_audit()', v_name
        );
        execute format('alter table plumb.%I enable always trigger audit_blocks_keep_all', v_name);
        execute format('revoke select on plumb.%I from plumb_reader', v_name);
        execute format('grant select on plumb.%I to plumb_auditor', v_name);
        execute format(
            'alter table plumb.audit_blocks attach partition plumb.%I for values from (%s) to (%s)',
            v_name,
            v_begin,
            v_begin + plumb.setting_number('audit_partition_seals')::bigint
        );
    end loop;
end;
$$;
comment on function plumb.extend_audit_log(bigint) is
'Make partitions ahead, so that this seal and the next find theirs.';
