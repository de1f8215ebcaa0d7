-- Violations that a person accepted, and invariants that a person disabled for a while.
create table plumb.accepted_violations (
    invariant text not null references plumb.invariants (name) on delete cascade,
    subject text not null,
    explanation text not null,
    reason text not null,
    accepted_by text not null,
    accepted_at timestamptz not null,
    accepted_until timestamptz,
    recorded_by text not null default session_user,
    primary key (invariant, subject)
);
alter table plumb.accepted_violations owner to plumb_owner;
grant select on plumb.accepted_violations to plumb_reader;
comment on table plumb.accepted_violations is
'Violations that a person looked into and accepted: neither scored nor reported nor enforced.';

alter table plumb.invariants
add column disabled_until timestamptz,
add column disabled_reason text,
add column disabled_by text;
