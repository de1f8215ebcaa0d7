-- Proposes the statement by which a rule itself would make one of its rows right again: the total
-- that its child rows add up to, an orphan removed. Null where the rule does not say which value is
-- right.
create or replace function plumb.repair_by_rule(p_invariant text, p_subject text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select case
        when
            r.template in ('sum_matches', 'balance')
            and plumb.rule_expression(a.relation, a.total) like 't.%'
            then format(
                'update %s as p set %I = %s where %s',
                a.relation,
                a.total,
                case
                    when a.child is null
                        then regexp_replace(a.amount, '^t\.', 'p.')
                    else format(
                        '(select coalesce(sum(%s), 0) from %s as t where %s%s)',
                        a.amount,
                        a.child,
                        (
                            select string_agg(
                                format('t.%I = p.%I', c.name, k.name), ' and ' order by k.position
                            )
                            from jsonb_array_elements_text(r.arguments -> 'key')
                                with ordinality as k (name, position)
                            inner join jsonb_array_elements_text(r.arguments -> 'child_key')
                                with ordinality as c (name, position)
                                on c.position = k.position
                        ),
                        ' and (' || (r.arguments ->> 'child_where') || ')'
                    )
                end,
                a.place
            )
        when r.template = 'no_orphans'
            then format('delete from %s as p where %s', a.relation, a.place)
    end
    from plumb.rules as r
    cross join lateral (
        select
            r.arguments ->> 'table' as relation,
            r.arguments ->> 'child' as child,
            r.arguments ->> 'total' as total,
            plumb.rule_expression(
                coalesce(r.arguments ->> 'child', r.arguments ->> 'table'),
                r.arguments ->> 'amount'
            ) as amount,
            (
                select string_agg(
                    format(
                        'p.%I = %L',
                        k.name,
                        case
                            when jsonb_array_length(r.arguments -> 'key') = 1 then p_subject
                            else p_subject::jsonb ->> (k.position - 1)::integer
                        end
                    ),
                    ' and ' order by k.position
                )
                from jsonb_array_elements_text(r.arguments -> 'key')
                    with ordinality as k (name, position)
            ) as place
    ) as a
    where r.invariant = p_invariant
$$;
comment on function plumb.repair_by_rule(text, text) is
'The statement by which a row fits its rule again; null where the rule does not say which value.';
