-- Makes the view of a rule from its text. The text is the body of a function, which PostgreSQL does
-- not tie to the tables that it names: a column can be dropped or change its type as if there were
-- no rule. The function is inlined, so that a filter on the view reaches the indexes, and runs with
-- the rights of whoever reads the view. What is there already as it should be stays untouched.
create or replace function plumb.create_rule(p_invariant text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- The tables may be of others, whose schemas plumb_owner may not use.
set check_function_bodies = off
set standard_conforming_strings = on
as $$
declare
    v_name constant text := lower(p_invariant);
    v_rule plumb.rules;
    v_rendered jsonb;
    v_column record;
begin
    select r.* into v_rule from plumb.rules as r where r.invariant = p_invariant;
    v_rendered := plumb.render_rule(v_rule.template, v_rule.arguments);
    v_rendered := jsonb_set(
        v_rendered,
        '{query}',
        to_jsonb(replace(v_rendered ->> 'query', '{invariant}', quote_literal(p_invariant)))
    );
    if
        v_rendered is not distinct from v_rule.rendered
        and plumb.find_relation(format('plumb_rules.%I', v_name)) is not null
    then
        return;
    end if;
    -- First, for an event trigger follows the commands below and looks for what is not so.
    update plumb.rules as r
    set
        rendered = v_rendered,
        places = plumb.rule_places(v_rule.template, v_rule.arguments)
    where r.invariant = p_invariant;
    execute format('drop view if exists plumb_rules.%I', v_name);
    execute format('drop function if exists plumb_rules.%I()', v_name);
    execute format(
        'create function plumb_rules.%I() returns table (%s) language sql stable as %L',
        v_name,
        (
            select string_agg(
                format('%I %s', c.value ->> 0, c.value ->> 1), ', ' order by c.position
            )
            from jsonb_array_elements(v_rendered -> 'columns') with ordinality as c (
                value, position
            )
        ),
        format(e'\n%s\n', v_rendered ->> 'query')
    );
    execute format(
        'comment on function plumb_rules.%I() is %L', v_name, v_rendered ->> 'description'
    );
    execute format('revoke execute on function plumb_rules.%I() from public', v_name);
    execute format('grant execute on function plumb_rules.%I() to plumb_inspector', v_name);
    execute format(
        'create view plumb_rules.%1$I as select r.* from plumb_rules.%1$I() as r', v_name
    );
    execute format(
        'comment on view plumb_rules.%I is %L',
        v_name,
        v_rendered ->> 'description' || ' Empty means true; \sf shows the query.'
    );
    execute format('grant select on plumb_rules.%I to plumb_inspector', v_name);
    for v_column in
        select c.value ->> 0 as name, c.value ->> 2 as comment
        from jsonb_array_elements(v_rendered -> 'columns') as c
    loop
        execute format(
            'comment on column plumb_rules.%I.%I is %L', v_name, v_column.name, v_column.comment
        );
    end loop;
    if (v_rule.arguments ->> 'is_quarantined')::boolean then
        perform plumb.create_quarantine(p_invariant);
    else
        perform plumb.drop_quarantine(p_invariant);
    end if;
end;
$$;
comment on function plumb.create_rule(text) is
'Make the view of a rule in schema plumb_rules from its template and arguments.';
