-- Runs the job anchor: stores the newest seal's hash outside the database, once no failover can
-- lose that seal. Each place is tried by itself; one that fails is an incident and does not keep
-- the hash from the other.
create or replace function plumb.anchor_audit()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_seal_id constant bigint := plumb.anchorable_seal();
    v_target record;
    v_anchor jsonb;
    v_file_name text;
    v_is_outside boolean;
    v_report text [] := array[]::text [];
begin
    if v_seal_id is null then
        -- The incident must not wait for the very standbys that it complains of.
        perform set_config('synchronous_commit', 'local', true);
        perform plumb.open_incident(
            'audit-anchor',
            'standby',
            'P2',
            'seals cannot be anchored: synchronous standbys lack them',
            'select application_name, sync_state, flush_lsn from pg_stat_replication;',
            1,
            plumb.setting('runbook_base_url') || 'audit-anchor.md'
        );
        return 'synchronous standbys lack the newest seals';
    end if;
    perform plumb.resolve_incident('audit-anchor', 'standby', 'the standbys have every seal');
    for v_target in
        select t.kind, t.address, case t.kind
            when 'url' then plumb.shown_url(t.address) else t.address
        end as target
        from (values
            ('directory', plumb.setting('audit_anchor_dir')),
            ('url', plumb.secret_setting('audit_anchor_url'))
        ) as t (kind, address)
        where t.address <> ''
    loop
        if exists (
            select from plumb.audit_anchors as a
            where a.target = v_target.target and a.seal_id = v_seal_id
        ) then
            v_report := v_report || format('%s has seal %s', v_target.kind, v_seal_id);
            continue;
        end if;
        v_anchor := plumb.describe_anchor(v_seal_id);
        begin
            if v_target.kind = 'directory' then
                v_file_name := format('plumb-%s.jsonl', left(v_anchor ->> 'log', 16));
                perform plumb.hold_to_anchors(v_target.address, v_file_name);
                v_is_outside := plumb.py_append_anchor(
                    v_target.address, v_file_name, v_anchor::text
                );
            else
                perform plumb.py_post_anchor(
                    v_target.address,
                    v_anchor::text,
                    plumb.setting_number('audit_anchor_seconds_max')::integer
                );
                v_is_outside := v_target.address ~* '^https:';
            end if;
            perform plumb.record_anchor(v_target.target, v_seal_id, v_is_outside);
            perform plumb.resolve_incident('audit-anchor', v_target.kind, 'anchored again');
            v_report := v_report || concat(
                format('%s: seal %s', v_target.kind, v_seal_id),
                case when not v_is_outside then ', which does not count: it is not outside' end
            );
        exception
            when others then v_report := v_report || format('%s: %s', v_target.kind, sqlerrm);
                perform plumb.open_incident(
                    'audit-anchor',
                    v_target.kind,
                    'P2',
                    format('seals cannot be anchored in the %s', v_target.kind),
                    sqlerrm,
                    1,
                    plumb.setting('runbook_base_url') || 'audit-anchor.md'
                );
        end;
    end loop;
    return coalesce(
        nullif(array_to_string(v_report, '; '), ''),
        'no anchor is set: AUDIT_ANCHOR_DIR, AUDIT_ANCHOR_URL'
    );
end;
$$;
comment on function plumb.anchor_audit() is
'Send the newest seal''s hash to each anchor that lacks it; says what went where.';
grant execute on function plumb.anchor_audit() to plumb_operator, plumb_worker;
