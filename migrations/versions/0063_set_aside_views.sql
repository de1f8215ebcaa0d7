-- Views of invariants that DDL of the application would otherwise wait for: their text is kept
-- while the command runs, and afterwards where it cannot be read any more.
create table plumb.set_aside_views (
    invariant text primary key references plumb.invariants (name) on delete cascade,
    definition text not null,
    placeholder text not null,
    options text[],
    fault text
);
alter table plumb.set_aside_views owner to plumb_owner;
grant select on plumb.set_aside_views to plumb_reader;
comment on table plumb.set_aside_views is
'Views of invariants that stepped aside for DDL of the application, with the text to put back.';
