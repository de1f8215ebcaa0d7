-- States which migrations the release that is about to run needs, so that the gate MIGRATIONS_CLEAN
-- and the migrations component of health know the application's schema as they know ours. What is
-- applied is read from the tool's own table; a tool that has none that can be read states it.
create or replace function plumb.expect_migrations(
    p_source text,
    p_expected text[],
    p_applied text[] default null,
    p_tool text default null
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_names_max constant integer := 10000;
    v_relation text;
    v_tool text;
    v_replaced text;
begin
    perform plumb.expect_text('source', p_source);
    if length(p_source) > 200 then
        raise exception 'a source has at most 200 characters, got %', length(p_source)
            using errcode = 'PL002', hint = 'Name the tool, its table, or the application.';
    end if;
    if exists (
        select
        from unnest(p_expected || p_applied) as n (name)
        where n.name is null or trim(n.name) = ''
    ) then
        raise exception 'among the migrations of % is an empty or a null one',
            quote_literal(p_source)
            using errcode = 'PL002', hint = 'Name each as the tool does.';
    end if;
    if greatest(cardinality(p_expected), cardinality(p_applied)) > c_names_max then
        raise exception '% has more than % migrations', quote_literal(p_source), c_names_max
            using errcode = 'PL002',
            hint = 'State the newest ones; those before were applied first.';
    end if;
    delete from plumb.expected_migrations as e
    where e.source = p_source
    returning e.relation into v_replaced;
    if p_expected is not null then
        if p_applied is null then
            select t.relation, t.tool
            into v_relation, v_tool
            from plumb.migration_table(p_source, p_tool) as t;
            perform plumb.grant_inspection(plumb.find_relation(v_relation));
        end if;
        insert into plumb.expected_migrations (
            source, tool, relation, expected, applied, stated_at, stated_by
        )
        values (
            p_source, v_tool, v_relation, p_expected, p_applied, plumb.current_time(), session_user
        );
    end if;
    if v_replaced is distinct from v_relation and plumb.find_relation(v_replaced) is not null then
        perform plumb.revoke_inspection(plumb.find_relation(v_replaced));
    end if;
end;
$$;
comment on function plumb.expect_migrations(text, text[], text[], text) is
'State which migrations a release needs, by tool or table (alembic, public.django_migrations);
null ends it. A tool that cannot be read states what is applied as well.';
grant execute on function plumb.expect_migrations(text, text[], text[], text) to plumb_operator;
