-- Declares an invariant by naming a view: checks, scores and incidents follow from that. What an
-- operator tuned (priority, weight, enforcement, on or off) stays when a release declares it again.
-- Not for operators: an auto-correct changes the application's rows, and what the view shows is
-- copied into plumb. What violates it now is its baseline.
create or replace function plumb.declare_invariant(
    p_name text,
    p_view text,
    p_priority text,
    p_description text,
    p_weight numeric default 1,
    p_auto_correct text default null,
    p_runbook_url text default null,
    p_has_baseline boolean default true
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_view constant regclass := plumb.find_relation(p_view);
    v_is_new constant boolean := not exists (
        select from plumb.invariants as i where i.name = p_name
    );
    v_refusal text;
begin
    if (p_name ~ '^[A-Z][A-Z0-9_]{2,47}$') is not true then
        raise exception
            'an invariant''s name is 3 to 48 capitals, digits and underscores, not %',
            quote_nullable(p_name)
            using errcode = 'PL002', hint = 'For example NO_NEGATIVE_STOCK.';
    end if;
    if (p_priority = any(plumb.priorities())) is not true then
        raise exception 'priority % of % is not one of P1, P2, P3, P4',
            quote_nullable(p_priority), p_name
            using errcode = 'PL002', hint = 'P1 is the most urgent.';
    end if;
    -- NaN is above every number.
    if (p_weight > 0 and p_weight <= 1000) is not true then
        raise exception 'weight % of % is not above 0 and at most 1000',
            quote_nullable(p_weight::text), p_name
            using errcode = 'PL002', hint = '1 is the weight of its priority, 2 doubles it.';
    end if;
    if v_view is null or not exists (
        select from pg_attribute as a
        inner join pg_class as c on c.oid = a.attrelid and c.relkind = 'v'
        where a.attrelid = v_view and a.attnum = 1 and a.attname = 'subject'
    ) then
        raise exception 'invariant % needs a view whose first column is subject, % is none',
            p_name, quote_nullable(p_view)
            using errcode = 'PL002',
            hint = 'Name it schema.view, made by: create view … as select <key> as subject, …;';
    end if;
    if p_auto_correct is not null then
        v_refusal := plumb.correction_refusal(p_auto_correct, v_view);
        if v_refusal is not null then
            raise exception 'auto-correct function %(text[]) of % %',
                p_auto_correct, p_name, v_refusal
                using errcode = 'PL002',
                hint = 'Name it schema.function; it takes subjects (text[]), returns how many rows'
                ' it changed, and is SECURITY DEFINER of the owner of the tables that it changes.';
        end if;
    end if;
    perform plumb.refuse_hidden_relations(v_view);
    perform plumb.grant_inspection(v_view);
    insert into plumb.invariants as i (
        name, view_name, view_id, description, priority, weight, auto_correct, runbook_url
    )
    values (
        p_name,
        plumb.relation_name(v_view),
        v_view,
        p_description,
        p_priority,
        p_weight,
        p_auto_correct,
        coalesce(p_runbook_url, plumb.setting('runbook_base_url') || lower(p_name) || '.md')
    )
    on conflict (name) do update
    set
        view_name = excluded.view_name,
        view_id = excluded.view_id,
        description = excluded.description,
        auto_correct = excluded.auto_correct,
        runbook_url = excluded.runbook_url;
    if plumb.relation_name(v_view) <> format('plumb_rules.%I', lower(p_name)) and exists (
        select from plumb.rules as r where r.invariant = p_name
    ) then
        perform plumb.drop_rule(p_name);
    end if;
    delete from plumb.set_aside_views as s where s.invariant = p_name;
    perform plumb.follow_invariants();
    if p_has_baseline and v_is_new then
        begin
            perform plumb.take_baseline(p_name);
        exception
            when sqlstate 'PL005' then raise;
            -- Checks say that it is unknown, and why.
            when others then raise warning '% has no baseline: %', p_name, sqlerrm;
        end;
    end if;
end;
$$;
comment on function plumb.declare_invariant(
    text, text, text, text, numeric, text, text, boolean
) is
'Declare that a view stays empty. Its first column is subject; wrong arguments raise PL002.';
