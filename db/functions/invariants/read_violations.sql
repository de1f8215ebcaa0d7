-- Reads an invariant's view, whole or only where it shows certain keys. One query per column
-- of keys, because an OR over two columns would use neither's index; rows become JSON before
-- they are united, because not every type can be compared. plumb.inspect() reads the view, with
-- no rights of ours; what was accepted is left out, unless it is asked for. Rows that a row
-- security policy would hide from it are an error there: an invariant that cannot see is unknown,
-- not true.
create or replace function plumb.read_violations(
    p_invariant text,
    p_keys jsonb default null,
    p_rows_max integer default null,
    p_with_accepted boolean default false
)
returns table (subject text, explanation text, details jsonb)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name text;
    v_view regclass;
    v_column text;
    v_query text;
    v_accepted_count bigint;
begin
    select i.view_name, plumb.find_relation(i.view_name)
    into v_name, v_view
    from plumb.invariants as i
    where i.name = p_invariant;
    if v_view is null then
        raise exception 'view % of invariant % does not exist',
            quote_nullable(v_name), quote_nullable(p_invariant)
            using errcode = 'PL001', hint = 'Create it, or select plumb.drop_invariant(…);';
    end if;
    select f.fault into v_query from plumb.invariant_fault(p_invariant) as f (fault);
    if v_query is not null then
        raise exception 'rule % cannot be read: %', p_invariant, v_query
            using errcode = 'PL005',
            hint = 'Declare it again with the names of now, or put back what it names.';
    end if;
    perform plumb.refuse_hidden_relations(v_view);
    select k.key into v_column
    from jsonb_object_keys(p_keys) as k (key)
    where not exists (
        select from pg_attribute as a
        where a.attrelid = v_view and a.attname = k.key and a.attnum > 0
    );
    if found then
        raise exception 'view % of % has no column %', v_view, p_invariant, v_column
            using errcode = 'PL002', hint = 'Keys are named as the columns of the view.';
    end if;
    if p_keys is null then
        v_query := format('select to_jsonb(v.*) as row_data from %s as v', v_view);
    else
        select string_agg(
            format(
                'select to_jsonb(v.*) as row_data from %s as v where v.%I = any(%L::text[]::%s[])',
                v_view,
                a.attname,
                (select array_agg(t.key) from jsonb_array_elements_text(k.value) as t (key)),
                format_type(a.atttypid, a.atttypmod)
            ),
            ' union '
        )
        into v_query
        from jsonb_each(p_keys) as k
        inner join pg_attribute as a
            on a.attrelid = v_view and a.attname = k.key and a.attnum > 0
        where jsonb_array_length(k.value) > 0;
    end if;
    if v_query is null then
        return;
    end if;
    -- What was accepted is read as well and must not fill the limit.
    select count(*) into v_accepted_count
    from plumb.accepted_violations as a
    where a.invariant = p_invariant;
    return query
    select
        i.key,
        v.explanation,
        i.value - 'subject' - 'explanation'
    from plumb.inspect(
        format(
            'select r.row_data ->> ''subject'' as key, r.row_data as value from (%s) as r limit %L',
            v_query,
            p_rows_max + v_accepted_count
        )
    ) as i
    cross join lateral (
        select coalesce(i.value ->> 'explanation', i.value::text) as explanation
    ) as v
    where
        v_accepted_count = 0
        or p_with_accepted
        or not exists (
            select
            from plumb.accepted_violations as a
            where
                a.invariant = p_invariant
                and a.subject = i.key
                and (a.is_baseline or a.explanation = v.explanation)
                and coalesce(a.accepted_until > plumb.current_time(), true)
        )
    limit p_rows_max;
end;
$$;
comment on function plumb.read_violations(text, jsonb, integer, boolean) is
'Rows of an invariant''s view. p_keys: {"view column": ["key", …]}, null for the whole view.';
grant execute on function plumb.read_violations(text, jsonb, integer, boolean) to plumb_reader;
