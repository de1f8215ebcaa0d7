-- Warns of each unlogged table or partition that is audited: a crash empties it without a word, and
-- its rows are then missing, which is a P1.
create or replace function plumb.report_unlogged(p_relations regclass[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_unlogged regclass;
begin
    for v_unlogged in
        select c.oid::regclass
        from pg_class as c
        where c.oid = any(p_relations) and c.relpersistence = 'u' and c.relkind = 'r'
        order by c.oid
    loop
        raise warning '% is unlogged: a crash empties it, and its rows will be missing', v_unlogged
            using hint = format('alter table %s set logged;', v_unlogged);
    end loop;
end;
$$;
comment on function plumb.report_unlogged(regclass[]) is
'Warn of each of these tables that a crash would empty.';
