-- Returns where a finding is, in words for incidents and commands: the table and key, the seal, the
-- transaction and row, or the object that is not as it should be.
create or replace function plumb.finding_place(p_finding plumb.audit_findings)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(
        ', ',
        coalesce(
            nullif(concat_ws(' ', p_finding.relation, p_finding.record_key), ''), p_finding.object
        ),
        'seal ' || p_finding.seal,
        'transaction ' || p_finding.txid,
        'row ' || p_finding.n,
        case when p_finding.relation is not null then p_finding.object end
    )
$$;
comment on function plumb.finding_place(plumb.audit_findings) is
'The place of a finding in words: table and key, seal, transaction and row, or object.';
