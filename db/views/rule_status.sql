-- Lists each rule that was declared by a template: its description, its arguments, and what it
-- lacks.
create view plumb.rule_status as
select
    r.invariant as name,
    i.priority,
    r.template,
    i.description,
    r.arguments,
    r.owner,
    r.fault,
    plumb.missing_indexes(r.rendered -> 'indexes') as missing_indexes
from plumb.rules as r
inner join plumb.invariants as i on i.name = r.invariant
order by i.priority, r.invariant;
comment on view plumb.rule_status is
'Each rule with its arguments; fault says why it cannot be read any more.';
comment on column plumb.rule_status.name is 'The name of the invariant.';
comment on column plumb.rule_status.priority is 'P1 (most urgent) to P4.';
comment on column plumb.rule_status.template is 'The template that it was declared by.';
comment on column plumb.rule_status.description is 'What it is, in words.';
comment on column plumb.rule_status.arguments is
'What it was made from, with the present names of tables and columns.';
comment on column plumb.rule_status.owner is 'Who answers for it; null: nobody was named.';
comment on column plumb.rule_status.fault is
'Why it cannot be read any more; null: it can be read.';
comment on column plumb.rule_status.missing_indexes is
'The indexes that would make checks of a few rows fast.';
