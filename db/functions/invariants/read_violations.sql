-- Reads an invariant's view, whole or only where it shows certain keys. One query per column
-- of keys, because an OR over two columns would use neither's index; rows become JSON before
-- they are united, because not every type can be compared. Rows that a row security policy would
-- hide from the view are an error: an invariant that cannot see is unknown, not true.
create or replace function plumb.read_violations(
    p_invariant text, p_keys jsonb default null, p_rows_max integer default null
)
returns table (subject text, explanation text, details jsonb)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
declare
    v_view text;
    v_column text;
    v_query text;
begin
    select i.view_name into v_view from plumb.invariants as i where i.name = p_invariant;
    if to_regclass(v_view) is null then
        raise exception 'view % of invariant % does not exist',
            quote_nullable(v_view), quote_nullable(p_invariant)
            using errcode = 'PL001', hint = 'Create it, or select plumb.drop_invariant(…);';
    end if;
    select k.key into v_column
    from jsonb_object_keys(p_keys) as k (key)
    where not exists (
        select from pg_attribute as a
        where a.attrelid = to_regclass(v_view) and a.attname = k.key and a.attnum > 0
    );
    if found then
        raise exception 'view % of % has no column %', v_view, p_invariant, v_column
            using errcode = 'PL002', hint = 'Keys are named as the columns of the view.';
    end if;
    if p_keys is null then
        v_query := format('select to_jsonb(v) as row_data from %s as v', to_regclass(v_view));
    else
        select string_agg(
            format(
                'select to_jsonb(v) as row_data from %s as v where v.%I = any(%L::text[]::%s[])',
                to_regclass(v_view),
                a.attname,
                (select array_agg(t.key) from jsonb_array_elements_text(k.value) as t (key)),
                format_type(a.atttypid, a.atttypmod)
            ),
            ' union '
        )
        into v_query
        from jsonb_each(p_keys) as k
        inner join pg_attribute as a
            on a.attrelid = to_regclass(v_view) and a.attname = k.key and a.attnum > 0
        where jsonb_array_length(k.value) > 0;
    end if;
    if v_query is null then
        return;
    end if;
    return query execute format(
        $query$
        select
            r.row_data ->> 'subject',
            coalesce(r.row_data ->> 'explanation', r.row_data::text),
            r.row_data - 'subject' - 'explanation'
        from (%s) as r
        limit %L
        $query$,
        v_query,
        p_rows_max
    );
end;
$$;
comment on function plumb.read_violations(text, jsonb, integer) is
'Rows of an invariant''s view. p_keys: {"view column": ["key", …]}, null for the whole view.';
grant execute on function plumb.read_violations(text, jsonb, integer) to plumb_reader;
