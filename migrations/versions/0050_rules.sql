-- A rule is an invariant that was declared by a template: its view is made from arguments.
create schema plumb_rules authorization plumb_owner;
comment on schema plumb_rules is
'The views and functions of rules, made from their arguments by plumb.declare_rule().';
grant usage on schema plumb_rules to plumb_reader, plumb_inspector;

create table plumb.rules (
    invariant text primary key references plumb.invariants (name)
    on delete cascade deferrable,
    template text not null,
    arguments jsonb not null,
    places jsonb not null,
    rendered jsonb,
    fault text,
    owner text
);
alter table plumb.rules owner to plumb_owner;
grant select on plumb.rules to plumb_reader;
comment on table plumb.rules is
'Invariants that were declared by a template, with the arguments that their views are made from.';

-- Steps of a status that a rule does not allow, found in the audit log.
create table plumb.wrong_steps (
    invariant text not null references plumb.rules (invariant) on delete cascade,
    subject text not null,
    from_value text not null,
    to_value text not null,
    changed_at timestamptz not null,
    primary key (invariant, subject)
);
alter table plumb.wrong_steps owner to plumb_owner;
grant select on plumb.wrong_steps to plumb_reader;
comment on table plumb.wrong_steps is
'Steps of a status that a rule does not allow, until the row is back at the value before.';
