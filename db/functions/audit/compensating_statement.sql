-- Returns the statement that leads from one state of a row to another: INSERT, DELETE, or UPDATE of
-- the columns that differ. It names the values that it expects to find, so that it changes nothing
-- where the row was changed meanwhile, unless that is wanted. Columns are compared so that no
-- operator of another schema fits better than PostgreSQL's own, whatever the search_path is.
create or replace function plumb.compensating_statement(
    p_relation regclass,
    p_key_columns text[],
    p_found jsonb,
    p_wanted jsonb,
    p_is_expected boolean default true
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with columns as (
        select
            a.attname::text as name,
            a.attnum as number,
            format(
                case a.atttypid
                    when 'varchar'::regtype then '%I::text'
                    when 'cidr'::regtype then '%I::inet'
                    else '%I'
                end,
                a.attname
            ) as compared,
            plumb.value_expression(p_relation, a.attname::text, p_found) as found,
            plumb.value_expression(p_relation, a.attname::text, p_wanted) as wanted,
            -- As text, for 1.50 is no other number than 1.5.
            ((p_found -> a.attname)::text, p_found -> '' ->> a.attname)
            is distinct from ((p_wanted -> a.attname)::text, p_wanted -> '' ->> a.attname)
                as is_changed,
            a.attname = any(p_key_columns) as is_key
        from pg_attribute as a
        where
            a.attrelid = p_relation
            and a.attnum > 0
            and not a.attisdropped
            and a.attgenerated = ''
            and (coalesce(p_wanted, p_found) ? a.attname)
    ),

    conditions as (
        select string_agg(
            case
                when c.is_key and c.found ~ '^''' then format('%s = %s', c.compared, c.found)
                when c.is_key then format('%s operator(pg_catalog.=) %s', c.compared, c.found)
                else format('%s is not distinct from %s', c.compared, c.found)
            end,
            ' and ' order by not c.is_key, c.number
        ) as clause
        from columns as c
        where
            c.is_key
            -- Literals compare in every type that has them; of others not all know equality.
            or (
                p_is_expected
                and p_wanted is not null
                and c.is_changed
                and c.found !~ '^[(]'
            )
    )

    select case
        when p_found is null then format(
            'insert into %s (%s) overriding system value values (%s)',
            p_relation,
            string_agg(format('%I', c.name), ', ' order by c.number),
            string_agg(c.wanted, ', ' order by c.number)
        )
        when p_wanted is null then format('delete from %s where %s', p_relation, d.clause)
        else format(
            'update %s set %s where %s',
            p_relation,
            string_agg(format('%I = %s', c.name, c.wanted), ', ' order by c.number)
                filter (where c.is_changed),
            d.clause
        )
    end
    from columns as c
    cross join conditions as d
    group by d.clause
$$;
comment on function plumb.compensating_statement(regclass, text[], jsonb, jsonb, boolean) is
'The statement that leads from one state of a row to another.';
grant execute on function plumb.compensating_statement(regclass, text[], jsonb, jsonb, boolean)
to plumb_auditor;
