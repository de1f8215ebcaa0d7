-- Views, tables and columns of invariants are known by OID and number besides their names, which
-- may change. The check at commit hangs on rows of a table of ours instead of the application's.
alter table plumb.invariants add column view_id oid;
alter table plumb.invariant_watches
add column relation_id oid,
add column key_number smallint,
add column view_id oid,
add column view_number smallint;

-- Nothing in it outlives its transaction, so a crash may empty it.
create unlogged table plumb.pending_checks (
    invariant text not null,
    relation oid not null
);
alter table plumb.pending_checks owner to plumb_owner;
grant select on plumb.pending_checks to plumb_reader;
comment on table plumb.pending_checks is
'One row for each invariant that a transaction has to be checked for when it commits; else empty.';

-- The triggers of the check at commit as they were: the code attaches the new ones.
do $$
declare
    v_trigger record;
begin
    for v_trigger in
        select t.tgname, t.tgrelid::regclass as relation
        from pg_trigger as t
        where
            t.tgparentid = 0
            and t.tgfoid in (
                to_regprocedure('plumb.tg_collect_keys()'),
                to_regprocedure('plumb.tg_enforce_invariant()')
            )
    loop
        execute format('drop trigger %I on %s', v_trigger.tgname, v_trigger.relation);
    end loop;
end;
$$;
