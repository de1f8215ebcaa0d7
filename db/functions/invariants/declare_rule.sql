-- Declares an invariant by a template and arguments: the view, the watches, the description and the
-- grants come of them. It is what the functions named after the templates call. Returns the indexes
-- that would make checks of a few rows fast.
create or replace function plumb.declare_rule(
    p_name text,
    p_template text,
    p_arguments jsonb,
    p_priority text,
    p_description text default null,
    p_owner text default null,
    p_runbook_url text default null
)
returns text[]
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_arguments jsonb;
    v_places jsonb;
    v_hint text;
    v_rendered jsonb;
    v_view text;
    v_fault text;
    v_watch record;
begin
    if (p_name ~ '^[A-Z][A-Z0-9_]{2,47}$') is not true then
        raise exception
            'an invariant''s name is 3 to 48 capitals, digits and underscores, not %',
            quote_nullable(p_name)
            using errcode = 'PL002', hint = 'For example NO_NEGATIVE_STOCK.';
    end if;
    begin
        v_arguments := plumb.complete_arguments(p_template, p_arguments);
    exception
        when sqlstate 'PL002' then
            get stacked diagnostics v_hint = pg_exception_hint;
            raise exception 'rule %: %', p_name, sqlerrm using errcode = 'PL002', hint = v_hint;
    end;
    v_places := plumb.rule_places(p_template, v_arguments);
    if p_template = 'transitions' and not exists (
        select from plumb.audited_tables as a where a.relation = v_arguments ->> 'table'
    ) then
        raise exception '% is not audited', v_arguments ->> 'table'
            using errcode = 'PL005',
            hint = format(
                'Steps are found in the audit log: select plumb.audit_table(%L);',
                v_arguments ->> 'table'
            );
    end if;
    -- The rule is kept beside its invariant, and the view is needed to declare that.
    set constraints plumb.rules_invariant_fkey deferred;
    insert into plumb.rules as r (invariant, template, arguments, places, owner)
    values (p_name, p_template, v_arguments, v_places, p_owner)
    on conflict (invariant) do update
    set
        template = excluded.template,
        arguments = excluded.arguments,
        owner = excluded.owner,
        fault = null;
    perform plumb.create_rule(p_name);
    select r.rendered, format('plumb_rules.%I', lower(p_name))
    into v_rendered, v_view
    from plumb.rules as r
    where r.invariant = p_name;
    perform plumb.grant_inspection(plumb.find_relation(p.key)) from jsonb_each(v_places) as p;
    v_fault := plumb.rule_read_fault(plumb.find_relation(v_view));
    if v_fault is not null then
        raise exception 'rule % cannot be read: %', p_name, v_fault
            using errcode = 'PL002',
            hint = 'An expression names columns of one table, quoted as in SQL, and functions of'
            ' pg_catalog or with their schema.';
    end if;
    perform plumb.declare_invariant(
        p_name,
        v_view,
        p_priority,
        coalesce(p_description, v_rendered ->> 'description'),
        p_auto_correct => case
            when (v_arguments ->> 'is_quarantined')::boolean
                then format('plumb_rules.quarantine_%s', lower(p_name))
        end,
        p_runbook_url => coalesce(p_runbook_url, plumb.setting('runbook_base_url') || 'rules.md')
    );
    -- Who declares a rule again with another priority means it.
    perform plumb.tune_invariant(p_name, p_priority);
    delete from plumb.invariant_watches as w
    where
        w.invariant = p_name
        and not exists (
            select from jsonb_array_elements(v_rendered -> 'watches') as o
            where o.value = jsonb_build_array(w.relation, w.key_column, w.view_column)
        );
    for v_watch in
        select o.value ->> 0 as relation, o.value ->> 1 as key_column, o.value ->> 2 as view_column
        from jsonb_array_elements(v_rendered -> 'watches') as o
    loop
        perform plumb.watch_table(
            p_name, v_watch.relation, v_watch.key_column, v_watch.view_column
        );
    end loop;
    set constraints plumb.rules_invariant_fkey immediate;
    return plumb.missing_indexes(v_rendered -> 'indexes');
end;
$$;
comment on function plumb.declare_rule(text, text, jsonb, text, text, text, text) is
'Declare an invariant by a template; returns the indexes that would make its checks fast.';
