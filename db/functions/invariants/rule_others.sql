-- Lists the other rows of the table of a rule that judges a row by its neighbours: those that the
-- rule holds for, in the same group.
create or replace function plumb.rule_others(p_arguments jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select format(
        '%s as o where %s',
        case
            when p_arguments ->> 'where' is null then p_arguments ->> 'table'
            else format(
                '(select t.* from %s as t where (%s))',
                p_arguments ->> 'table',
                p_arguments ->> 'where'
            )
        end,
        coalesce(
            plumb.column_list(
                p_arguments -> 'groups', 'o.{column} is not distinct from t.{column}', ' and '
            )
            || ' and ',
            ''
        )
        || case
            when p_arguments ? 'year_of'
                then format(
                    'extract(year from o.%1$I) = extract(year from t.%1$I) and ',
                    p_arguments ->> 'year_of'
                )
            else ''
        end
    )
$$;
comment on function plumb.rule_others(jsonb) is
'The FROM and WHERE of the other rows (o) in the group of a row (t), ending in AND.';
