-- Writes the statements that declare a rule as it is: what a rules file holds. The same rule always
-- gives the same text, so that a file and the database can be compared.
create or replace function plumb.describe_rule_call(p_invariant text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
    select format(
        e'select plumb.declare_%s(\n    %s\n);\n%s',
        r.template,
        string_agg(format('p_%s => %s', a.parameter, a.literal), e',\n    ' order by a.position),
        case
            when i.enforcement <> 'detect'
                then format(
                    e'select plumb.enforce_invariant(%L, %L);\n', i.name, i.enforcement
                )
            else ''
        end
    )
    from plumb.rules as r
    inner join plumb.invariants as i on i.name = r.invariant
    cross join lateral (
        select 0 as position, 'name' as parameter, quote_literal(i.name) as literal
        union all
        select
            p.position,
            p.parameter,
            case
                when p.kind in ('columns', 'texts', 'steps')
                    then format(
                        'array[%s]',
                        (
                            select string_agg(quote_literal(v.value), ', ' order by v.ordinality)
                            from jsonb_array_elements_text(r.arguments -> p.parameter)
                            with ordinality as v
                        )
                    )
                when p.kind in ('number', 'flag') then r.arguments ->> p.parameter
                else quote_literal(r.arguments ->> p.parameter)
            end
        from plumb.rule_parameters(r.template) with ordinality as p (
            parameter, kind, relation_parameter, is_required, position
        )
        where
            r.arguments ? p.parameter
            and r.arguments -> p.parameter not in ('false', '0')
        union all
        select 100, 'priority', quote_literal(i.priority)
        union all
        select 101, 'description', quote_literal(i.description)
        where i.description <> r.rendered ->> 'description'
        union all
        select 102, 'owner', quote_literal(r.owner)
        where r.owner is not null
        union all
        select 103, 'runbook_url', quote_literal(i.runbook_url)
        where i.runbook_url <> plumb.setting('runbook_base_url') || 'rules.md'
    ) as a
    where r.invariant = p_invariant
    group by r.template, i.name, i.enforcement
$$;
comment on function plumb.describe_rule_call(text) is
'The SQL that declares a rule as it is, with its enforcement.';
grant execute on function plumb.describe_rule_call(text) to plumb_reader;
