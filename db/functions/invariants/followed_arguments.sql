-- Lists the arguments of a rule with the names that its tables and columns have now. What an
-- expression names is not followed.
create or replace function plumb.followed_arguments(p_rule plumb.rules)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with names as (
        select
            p.key as relation,
            coalesce(plumb.relation_name(c.oid::regclass), p.key) as relation_now,
            coalesce(
                (
                    select jsonb_object_agg(k.key, a.attname)
                    from jsonb_each_text(p.value -> 'columns') as k
                    inner join pg_attribute as a
                        on
                            a.attrelid = c.oid
                            and a.attnum = k.value::smallint
                            and not a.attisdropped
                ),
                '{}'
            ) as columns
        from jsonb_each(p_rule.places) as p
        left join pg_class as c on c.oid = (p.value ->> 'oid')::oid
    )

    select jsonb_object_agg(
        a.key,
        case
            when n.kind = 'relation'
                then (
                    select to_jsonb(o.relation_now)
                    from names as o
                    where o.relation = a.value #>> '{}'
                )
            when n.kind in ('column', 'amount')
                then coalesce(r.columns -> (a.value #>> '{}'), a.value)
            when n.kind = 'columns'
                then (
                    select jsonb_agg(
                        coalesce(r.columns -> c.name, to_jsonb(c.name)) order by c.position
                    )
                    from jsonb_array_elements_text(a.value) with ordinality as c (name, position)
                )
            else a.value
        end
    )
    from jsonb_each(p_rule.arguments) as a
    inner join plumb.rule_parameters(p_rule.template) as n on n.parameter = a.key
    left join names as r
        on
            r.relation = coalesce(
                p_rule.arguments ->> n.relation_parameter, p_rule.arguments ->> 'table'
            )
$$;
comment on function plumb.followed_arguments(plumb.rules) is
'The arguments of a rule with the present names of its tables and columns.';
