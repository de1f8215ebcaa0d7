-- What the verification of the audit log finds is kept, so that a person can look into each finding
-- and accept it; old seals are verified again a part at a time, so their position is kept too.

set local role plumb_owner;

create table plumb.audit_findings (
    audit_finding_id bigint generated always as identity primary key,
    fingerprint bytea not null,
    source text not null check (source in ('log', 'setup', 'table', 'event')),
    priority text not null check (priority in ('P1', 'P2', 'P3')),
    kind text not null,
    relation text,
    record_key text,
    object text,
    seal bigint,
    txid xid8,
    n integer,
    expected text,
    actual text,
    is_kept boolean not null default false,
    occurrence_count bigint not null default 1,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    cleared_at timestamptz,
    accepted_by text,
    accepted_role text,
    accepted_at timestamptz,
    accept_reason text,
    check (num_nulls(accepted_by, accepted_role, accepted_at, accept_reason) in (0, 4))
);
comment on table plumb.audit_findings is
'What the verification of the audit log found, and who accepted which finding and why.';
create unique index audit_findings_fingerprint_idx
on plumb.audit_findings (fingerprint) where cleared_at is null;
create index audit_findings_cleared_at_idx on plumb.audit_findings (cleared_at);
create index audit_findings_relation_idx
on plumb.audit_findings (relation) where cleared_at is null;
-- Record keys and texts of checks may hold personal data: readers have the view open_findings.
revoke select on plumb.audit_findings from plumb_reader;
grant select on plumb.audit_findings to plumb_auditor, plumb_operator;

alter table plumb.audit_verification
add column reverified_seal bigint,
add column reverify_started_at timestamptz;

alter table plumb.audited_tables add column compared_at timestamptz;

-- They take a last seal now.
drop function if exists plumb.verify_audit(bigint);
drop function if exists plumb.doubtful_transactions(bigint);

reset role;
-- What reads tables through plumb_inspector needs no superuser.
do $$
begin
    if to_regprocedure('plumb.run_audit_check(boolean)') is not null then
        alter function plumb.run_audit_check(boolean) owner to plumb_owner;
    end if;
end;
$$;
