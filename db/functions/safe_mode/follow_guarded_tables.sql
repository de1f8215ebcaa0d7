-- Follows guarded tables through renames by their OID, and by their name to a table that was
-- dropped and created anew or restored; the new table is guarded. A dropped table is forgotten,
-- unless a person asked for its guard: then its name waits for the next table.
create or replace function plumb.follow_guarded_tables()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_table record;
begin
    for v_table in
        select
            g.relation,
            g.is_explicit,
            plumb.find_table(g.relation) as named_id,
            plumb.relation_name(k.oid) as known_name
        from plumb.guarded_tables as g
        left join pg_class as k on k.oid = g.relation_id
        where
            k.oid is null and (g.relation_id is not null or not g.is_explicit)
            or plumb.relation_name(k.oid) <> g.relation
            or (g.relation_id is null and plumb.find_table(g.relation) is not null)
    loop
        if v_table.named_id is not null then
            perform plumb.attach_guard(v_table.named_id);
        elsif v_table.known_name is null and v_table.is_explicit then
            update plumb.guarded_tables as g
            set relation_id = null
            where g.relation = v_table.relation;
        elsif
            v_table.known_name is null
            or exists (
                select from plumb.guarded_tables as g where g.relation = v_table.known_name
            )
        then
            delete from plumb.guarded_tables as g where g.relation = v_table.relation;
        else
            update plumb.guarded_tables as g
            set relation = v_table.known_name
            where g.relation = v_table.relation;
        end if;
    end loop;
    -- The trigger shows a table that was not followed in time. Guards are looked at last: this runs
    -- after each DDL command, and nearly every table is known.
    with unknown as materialized (
        select r.relation
        from plumb.guarded_relations() as r
        where not exists (
            select from plumb.guarded_tables as g where g.relation_id = r.relation
        )
    )

    insert into plumb.guarded_tables (relation, relation_id)
    select plumb.relation_name(u.relation), u.relation
    from unknown as u
    where plumb.has_guard(u.relation)
    on conflict (relation) do update set relation_id = excluded.relation_id;
end;
$$;
comment on function plumb.follow_guarded_tables() is
'Follow renamed guarded tables by OID; guard tables that were created anew.';
revoke execute on function plumb.follow_guarded_tables() from public;
