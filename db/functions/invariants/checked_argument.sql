-- Checks one argument of a rule and returns it as it is kept: tables by their full names, all else
-- as it was given.
create or replace function plumb.checked_argument(
    p_parameter text, p_kind text, p_value jsonb, p_relation regclass
)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_text text := p_value #>> '{}';
    v_fault text;
    v_column text;
    v_category "char";
begin
    if p_kind = 'relation' then
        select plumb.relation_name(c.oid) into v_text
        from pg_class as c
        where c.oid = plumb.find_relation(v_text) and c.relkind in ('r', 'p', 'v', 'm', 'f');
        if not found then
            raise exception 'table % of p_% does not exist', p_value, p_parameter
                using errcode = 'PL002', hint = 'Name it schema.table, quoted as in SQL.';
        end if;
        return to_jsonb(v_text);
    end if;
    if p_kind in ('columns', 'column') then
        if p_value = '[]' then
            v_fault := 'names no column';
        end if;
        for v_column in
            select c.name
            from jsonb_array_elements_text(
                case when p_kind = 'columns' then p_value else jsonb_build_array(p_value) end
            ) as c (name)
        loop
            if not exists (
                select from pg_attribute as a
                where
                    a.attrelid = p_relation
                    and a.attname = v_column
                    and a.attnum > 0
                    and not a.attisdropped
            ) then
                raise exception '% has no column %', p_relation, quote_nullable(v_column)
                    using errcode = 'PL002',
                    hint = format(
                        'p_%s takes names as they are stored. It has %s.',
                        p_parameter,
                        (
                            select string_agg(a.attname, ', ' order by a.attnum)
                            from pg_attribute as a
                            where a.attrelid = p_relation and a.attnum > 0 and not a.attisdropped
                        )
                    );
            end if;
        end loop;
    elsif p_kind in ('amount', 'condition') then
        select t.typcategory into v_category
        from pg_attribute as a
        inner join pg_type as t on t.oid = a.atttypid
        where
            a.attrelid = p_relation
            and a.attname = v_text
            and a.attnum > 0
            and not a.attisdropped;
        if not found then
            v_fault := plumb.expression_fault(v_text);
        elsif p_kind = 'amount' and v_category <> 'N' then
            v_fault := format('is a column of %s that holds no number', p_relation);
        end if;
    elsif p_kind = 'number' then
        v_fault := case
            when jsonb_typeof(p_value) <> 'number' or v_text::numeric < 0
                then 'is not a number from 0 on'
        end;
    elsif p_kind = 'interval' then
        v_fault := case when v_text::interval <= interval '0' then 'is not longer than nothing' end;
    elsif p_kind = 'texts' then
        v_fault := case when p_value = '[]' then 'names no value' end;
    elsif p_kind = 'steps' then
        v_fault := case
            when p_value = '[]' then 'names no step'
            when exists (
                select from jsonb_array_elements_text(p_value) as s (step)
                where s.step !~ '^.+->.+$'
            ) then 'is not a list of steps like ''OPEN->PAID'''
        end;
    end if;
    if v_fault is not null then
        raise exception 'argument p_% is %: %', p_parameter, v_text, v_fault
            using errcode = 'PL002',
            hint = 'Name a column as it is stored, or write an expression as in a WHERE clause.';
    end if;
    return p_value;
end;
$$;
comment on function plumb.checked_argument(text, text, jsonb, regclass) is
'One argument of a rule as it is kept; PL002 when it does not fit the catalog.';
