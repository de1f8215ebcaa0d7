-- Checks the arguments of a rule against the catalog and adds what can be known without being said:
-- the key of a table, and the columns by which a child refers to it. What is wrong is named with
-- the value and the way out, before anything is made.
create or replace function plumb.complete_arguments(p_template text, p_arguments jsonb)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_given constant jsonb := jsonb_strip_nulls(p_arguments);
    v_arguments jsonb := '{}'::jsonb;
    v_parameter record;
    v_value jsonb;
    v_relation regclass;
begin
    if not exists (select from plumb.rule_parameters(p_template)) then
        raise exception 'there is no template %', quote_nullable(p_template)
            using errcode = 'PL002', hint = 'docs/invariants.md lists the templates.';
    end if;
    select p.parameter into v_parameter
    from jsonb_object_keys(v_given) as p (parameter)
    where p.parameter not in (select o.parameter from plumb.rule_parameters(p_template) as o);
    if found then
        raise exception 'template % takes no argument %', p_template, v_parameter.parameter
            using errcode = 'PL002',
            hint = format(
                'It takes %s.',
                (
                    select string_agg(p.parameter, ', ')
                    from plumb.rule_parameters(p_template) as p
                )
            );
    end if;
    -- Tables first: all else belongs to one of them.
    for v_parameter in
        select p.*
        from plumb.rule_parameters(p_template) with ordinality as p (
            parameter, kind, relation_parameter, is_required, position
        )
        order by p.kind <> 'relation', p.position
    loop
        v_value := v_given -> v_parameter.parameter;
        if v_parameter.kind <> 'relation' then
            v_relation := plumb.find_relation(
                coalesce(v_arguments ->> v_parameter.relation_parameter, v_arguments ->> 'table')
            );
        end if;
        if v_parameter.parameter = 'child_key' and not v_arguments ? 'child' then
            continue;
        end if;
        if v_value is null and v_parameter.parameter in ('key', 'parent_columns') then
            v_value := nullif(to_jsonb(plumb.audit_key_columns(v_relation)), '[]');
            if v_value is null then
                raise exception '% has no primary key and no unique index without nulls', v_relation
                    using errcode = 'PL002',
                    hint = format('Name its key: p_%s => array[…].', v_parameter.parameter);
            end if;
        elsif v_value is null and v_parameter.parameter = 'child_key' then
            v_value := plumb.find_child_key(
                v_relation, plumb.find_relation(v_arguments ->> 'table'), v_arguments -> 'key'
            );
            if v_value is null then
                raise exception 'how % refers to % is not clear',
                    v_relation, v_arguments ->> 'table'
                    using errcode = 'PL002',
                    hint = 'There is no foreign key, or more than one. Name its columns in the'
                    ' order of the key: p_child_key => array[…].';
            end if;
        end if;
        if v_value is null and v_parameter.is_required then
            raise exception 'argument p_% is missing', v_parameter.parameter
                using errcode = 'PL002', hint = format('Template %s needs it.', p_template);
        elsif v_value is null then
            continue;
        end if;
        v_arguments := v_arguments || jsonb_build_object(
            v_parameter.parameter,
            plumb.checked_argument(v_parameter.parameter, v_parameter.kind, v_value, v_relation)
        );
    end loop;
    if
        jsonb_array_length(v_arguments -> 'child_key') <> jsonb_array_length(v_arguments -> 'key')
        or jsonb_array_length(v_arguments -> 'parent_columns')
        <> jsonb_array_length(v_arguments -> 'columns')
    then
        raise exception 'columns % and % are not as many',
            coalesce(v_arguments -> 'child_key', v_arguments -> 'columns'),
            coalesce(v_arguments -> 'parent_columns', v_arguments -> 'key')
            using errcode = 'PL002', hint = 'Name both in the same order, one for each other.';
    end if;
    return v_arguments;
end;
$$;
comment on function plumb.complete_arguments(text, jsonb) is
'The arguments of a rule, checked and complete; PL002 names what is wrong.';
