-- Checks whether everything that should write the log exists, is enabled and is unchanged. It looks
-- at the catalogs themselves, so a direct edit of pg_trigger is found like any ALTER TABLE, and one
-- of pg_class, which says whether a table has triggers at all. Runs as the superuser, for the
-- tables are not ours.
reset role;
create or replace function plumb.check_audit()
returns table (kind text, relation text, object text, expected text, actual text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select
        case
            when t.oid is null then 'trigger_missing'
            when t.tgenabled <> w.enabled or not c.relhastriggers then 'trigger_disabled'
            else 'trigger_replaced'
        end,
        a.relation,
        format('%s on %s', w.name, w.member),
        w.statement,
        coalesce(format('enabled %s: %s', t.tgenabled, pg_get_triggerdef(t.oid)), 'none')
    from plumb.audited_tables as a
    cross join lateral plumb.audit_triggers(a.relation) as w
    inner join pg_class as c on c.oid = w.member
    left join pg_trigger as t on t.tgrelid = w.member and t.tgname = w.name
    where
        (t.tgenabled, t.tgtype, t.tgfoid, t.tgargs)
        is distinct from (w.enabled, w.type, w.function_oid, w.arguments)
        or t.tgqual is not null
        or t.tgattr <> ''
        or not c.relhastriggers
    union all
    select
        'trigger_missing', a.relation, a.relation, 'the table', 'none'
    from plumb.audited_tables as a
    where to_regclass(a.relation) is null
    union all
    select
        'table_forgotten', l.record_key, 'plumb.audited_tables', 'a row', 'none'
    from (
        select distinct on (l.record_key) l.record_key, l.op
        from plumb.log_of_table('plumb.audited_tables') as l
        order by l.record_key, l.position desc nulls last, l.occurred_at desc, l.n desc
    ) as l
    where
        l.op = 'AUDIT'
        and not exists (select from plumb.audited_tables as a where a.relation = l.record_key)
    union all
    select
        case when p.oid is null then 'function_missing' else 'function_altered' end,
        null,
        f.function_name,
        encode(f.definition_hash, 'hex'),
        coalesce(encode(plumb.function_digest(p.oid), 'hex'), 'none')
    from plumb.audit_functions as f
    left join pg_proc as p on p.oid = to_regprocedure(f.function_name)
    where f.definition_hash is distinct from plumb.function_digest(p.oid)
    union all
    select
        case when e.oid is null then 'trigger_missing' else 'trigger_disabled' end,
        null,
        w.name,
        'an event trigger, enabled always',
        coalesce(e.evtenabled::text, 'none')
    from (
        values
        ('plumb_audit_cast'),
        ('plumb_audit_ddl'),
        ('plumb_audit_drop'),
        ('plumb_audit_rewrite'),
        ('plumb_audit_type')
    ) as w (name)
    left join pg_event_trigger as e on e.evtname = w.name
    where e.evtenabled is distinct from 'A' and plumb.has_event_triggers()
    union all
    select 'cast_untrusted', null, c.type_name, 'a function of a superuser',
        format('%s of %s', c.function_name, c.owner_name)
    from plumb.untrusted_casts() as c
    union all
    -- Who accepts a finding says so in the log; retention may have taken that row away since.
    select
        'acceptance_unrecorded',
        null,
        format('finding %s', f.audit_finding_id),
        'an ACCEPT row of the log',
        coalesce((
            select o.op
            from plumb.log_of('plumb.audit_findings', f.audit_finding_id::text) as o
            order by o.position desc nulls last, o.base_seal desc, o.txid desc, o.n desc
            limit 1
        ), 'none')
    from plumb.audit_findings as f
    where
        f.accepted_at is not null
        and f.cleared_at is null
        and not exists (
            select from plumb.audit_retentions as r where r.retired_at > f.accepted_at
        )
        and 'ACCEPT' is distinct from (
            select o.op
            from plumb.log_of('plumb.audit_findings', f.audit_finding_id::text) as o
            order by o.position desc nulls last, o.base_seal desc, o.txid desc, o.n desc
            limit 1
        )
    union all
    select 'key_missing', c.oid::regclass::text, c.oid::regclass::text, 'a primary key', 'none'
    from pg_class as c
    where
        (
            c.oid in (
                'plumb.audit_rows'::regclass,
                'plumb.audit_blocks'::regclass,
                'plumb.seals'::regclass,
                'plumb.audit_transactions'::regclass
            )
            or exists (
                select from pg_inherits as i
                where
                    i.inhrelid = c.oid
                    and i.inhparent in (
                        'plumb.audit_rows'::regclass, 'plumb.audit_blocks'::regclass
                    )
            )
        )
        and not exists (
            select from pg_index as i
            where i.indrelid = c.oid and i.indisprimary and i.indisvalid
        )
    union all
    select
        case
            when t.oid is null then 'trigger_missing'
            when t.tgenabled <> 'A' or not c.relhastriggers then 'trigger_disabled'
            else 'trigger_replaced'
        end,
        c.oid::regclass::text,
        w.name,
        'a guard, enabled always',
        coalesce(format('enabled %s: %s', t.tgenabled, pg_get_triggerdef(t.oid)), 'none')
    from (
        -- Sums of pg_trigger's bits: 1 row, 2 before, 8 delete, 16 update, 32 truncate.
        values
        ('plumb.audit_rows', 'audit_log_is_append_only', 27),
        ('plumb.audit_rows', 'audit_log_keeps_all', 34),
        ('plumb.audit_blocks', 'audit_blocks_are_append_only', 27),
        ('plumb.audit_blocks', 'audit_blocks_keep_all', 34),
        ('plumb.audit_intake', 'audit_intake_is_append_only', 58),
        ('plumb.audit_captured', 'audit_captured_is_append_only', 58),
        ('plumb.seals', 'seals_are_append_only', 58),
        ('plumb.audit_transactions', 'audit_transactions_are_append_only', 58),
        ('plumb.audit_retentions', 'audit_retentions_are_append_only', 58)
    ) as w (relation, name, type)
    inner join pg_class as c
        on
            c.oid = w.relation::regclass
            or exists (
                select from pg_inherits as i
                where i.inhrelid = c.oid and i.inhparent = w.relation::regclass
            )
    left join pg_trigger as t on t.tgrelid = c.oid and t.tgname = w.name
    where
        (t.tgenabled, t.tgtype::integer, t.tgfoid)
        is distinct from ('A', w.type, 'plumb.tg_keep_audit()'::regprocedure)
        or t.tgqual is not null
        or t.tgattr <> ''
        or not c.relhastriggers
$$;
comment on function plumb.check_audit() is
'What is missing, disabled or replaced of what writes and guards the audit log.';
revoke execute on function plumb.check_audit() from public;
grant execute on function plumb.check_audit() to plumb_operator, plumb_owner;
