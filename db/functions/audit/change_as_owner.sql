-- Carries out a statement with the rights of a table's owner, whose triggers, policies and
-- constraints it sets off: a superuser's rights are not for them. What they leave behind in the
-- session besides changed rows is an error, as with an auto-correct.
create or replace function plumb.change_as_owner(
    p_relation regclass, p_statement text, p_search_path text
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function constant text := format('plumb_rules.change_as_owner_%s(text[])', pg_backend_pid());
    -- Triggers of the application find what they name.
    c_body constant text := 'declare v_count bigint; begin perform set_config(''search_path'','
    ' p_texts[2], true); execute p_texts[1]; get diagnostics v_count = row_count;'
    ' return v_count; end';
    v_count bigint;
begin
    execute format(
        'create function %s returns bigint language plpgsql security definer'
        ' set search_path = pg_catalog, pg_temp as %L',
        replace(v_function, '(', '(p_texts '),
        c_body
    );
    execute format('revoke execute on function %s from public', v_function);
    execute format(
        'alter function %s owner to %s',
        v_function,
        (select c.relowner::regrole from pg_class as c where c.oid = p_relation)
    );
    v_count := plumb.run_correction(
        v_function::regprocedure, array[p_statement, p_search_path]
    );
    execute format('drop function %s', v_function);
    return v_count;
end;
$$;
comment on function plumb.change_as_owner(regclass, text, text) is
'Carry out a superuser''s statement with the rights of the owner of its table; how many rows.';
