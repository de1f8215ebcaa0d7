-- The architecture guide's own names, as views in a schema of their own: the only names of ours
-- that may stand on a search_path, so that no DDL of an application meets a table of ours. The
-- tables' own privileges and comments hold, since each view asks with the rights of its reader.
do $$
declare
    v_view record;
begin
    for v_view in
        select t.name, t.relation::regclass as relation
        from (
            values
            ('AuditLog', 'plumb.audit_log'),
            ('StockLedger', plumb.demo_schema() || '.stock_ledger'),
            ('backup_validations', 'plumb.backup_validations'),
            ('deployment_gates', 'plumb.deployment_gates'),
            ('drift_scores', 'plumb.drift_scores'),
            ('executive_reports', 'plumb.executive_reports'),
            ('health_scores', 'plumb.health_scores'),
            ('idempotency_keys', 'plumb.idempotency_keys'),
            ('incidents', 'plumb.incidents'),
            ('invariant_violations', 'plumb.invariant_violations'),
            ('perf_observations', 'plumb.perf_observations'),
            ('security_blocks', 'plumb.security_blocks'),
            ('security_events', 'plumb.security_events'),
            ('system_mode', 'plumb.system_mode')
        ) as t (name, relation)
        -- The ledger is the demo shop's.
        where t.relation is not null
    loop
        execute format(
            'create or replace view plumb_guide.%I with (security_invoker = true)'
            ' as select * from %s',
            v_view.name, v_view.relation
        );
        execute format(
            'comment on view plumb_guide.%I is %L',
            v_view.name, obj_description(v_view.relation, 'pg_class')
        );
        execute format('grant select on plumb_guide.%I to plumb_reader', v_view.name);
    end loop;
end;
$$;
grant select on plumb_guide."AuditLog" to plumb_auditor;

-- An operator sets the token and may not read it, which the reader's rights would ask for: this
-- view asks with its owner's, and gives out what the table gives.
alter view plumb_guide.system_mode reset (security_invoker);
revoke select on plumb_guide.system_mode from plumb_reader;
do $$
begin
    execute (
        select
            format(
                'grant select (%s) on plumb_guide.system_mode to plumb_reader',
                string_agg(quote_ident(a.attname), ', ' order by a.attnum)
            )
        from pg_attribute as a
        where
            a.attrelid = 'plumb.system_mode'::regclass
            and a.attnum > 0
            and has_column_privilege('plumb_reader', a.attrelid, a.attnum, 'select')
    );
end;
$$;
grant update (override_token) on plumb_guide.system_mode to plumb_operator;
