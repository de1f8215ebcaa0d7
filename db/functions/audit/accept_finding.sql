-- Accepts one finding; see plumb.accept_findings().
create or replace function plumb.accept_finding(p_finding_id bigint, p_by text, p_reason text)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.accept_findings(array[p_finding_id], p_by, p_reason)
$$;
comment on function plumb.accept_finding(bigint, text, text) is
'Accept one open finding of the audit log; the log records who and why.';
grant execute on function plumb.accept_finding(bigint, text, text) to plumb_operator;
