-- Takes a new baseline of a table, from which reconciliation starts: for a person, after a change
-- that no row of the log shows (a dropped partition, a repair with triggers off). What differed
-- until then becomes findings. Who gives a name and a reason accepts them and the baseline at once.
create or replace function plumb.rebase_audit(
    p_relation regclass,
    p_baseline text default 'sum',
    p_by text default null,
    p_reason text default null
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_relation constant text := plumb.relation_name(p_relation);
    v_report text;
begin
    if not exists (select from plumb.audited_tables as a where a.relation = v_relation) then
        raise exception '% is not audited', coalesce(p_relation::text, 'null')
            using errcode = 'PL001', hint = 'select relation from plumb.audited_tables;';
    elsif p_baseline is null or p_baseline not in ('auto', 'rows', 'sum') then
        raise exception 'a baseline cannot be %', quote_nullable(p_baseline)
            using errcode = 'PL002', hint = 'auto, rows or sum.';
    end if;
    if
        pg_current_xact_id_if_assigned() is not null
        and exists (
            select from plumb.audited_tables as a
            where a.relation = v_relation and a.capture = 'wal'
        )
    then
        raise exception 'a baseline of % cannot be taken in a transaction that has written',
            v_relation
            using errcode = 'PL005',
            hint = 'Begin a transaction with this call:'
                ' changes are captured when they are committed.';
    end if;
    v_report := plumb.renew_baseline(v_relation, p_baseline, false);
    if p_by is not null or p_reason is not null then
        perform plumb.accept_findings(
            array(
                select f.audit_finding_id
                from plumb.audit_findings as f
                where
                    f.relation = v_relation
                    and f.source in ('table', 'event')
                    and f.cleared_at is null
                    and f.accepted_at is null
            ),
            p_by,
            p_reason
        );
    end if;
    return v_report;
end;
$$;
comment on function plumb.rebase_audit(regclass, text, text, text) is
'Take a new baseline of an audited table; with a name and a reason, accept what differed before.';
revoke execute on function plumb.rebase_audit(regclass, text, text, text) from public;
grant execute on function plumb.rebase_audit(regclass, text, text, text)
to plumb_operator, plumb_owner;
