-- Returns what identifies a finding when the next verification finds it again: all that it says, so
-- that an accepted finding whose content changes is a new one. Left out is what changes without the
-- finding: the seal of a transaction, which it gets later; the totals of a table that is written
-- on, of which only the difference to the log counts; the words of an error, and which triggers
-- were changed.
create or replace function plumb.finding_fingerprint(p_finding plumb.audit_findings)
returns bytea
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select sha256(
        convert_to(
            jsonb_build_array(
                p_finding.source,
                p_finding.kind,
                p_finding.relation,
                p_finding.record_key,
                p_finding.object,
                case when p_finding.txid is null then p_finding.seal end,
                p_finding.txid,
                p_finding.n
            )::text
            || case p_finding.kind
                when 'not_reconciled' then ''
                when 'trigger_was_changed' then ''
                when 'publication_was_changed' then ''
                when 'table_differs' then (
                    select concat_ws(
                        ' ', f.numbers[1]::numeric - e.numbers[1]::numeric,
                        f.numbers[2]::numeric - e.numbers[2]::numeric
                    )
                    from
                        regexp_match(p_finding.expected, '^(\d+) rows, sum (-?\d+)$')
                            as e (numbers)
                    cross join regexp_match(
                        p_finding.actual, '^(\d+) rows, sum (-?\d+)$'
                    ) as f (numbers)
                )
                else jsonb_build_array(p_finding.expected, p_finding.actual)::text
            end,
            'UTF8'
        )
    )
$$;
comment on function plumb.finding_fingerprint(plumb.audit_findings) is
'SHA-256 of what makes a finding the same finding in the next verification.';
