-- Makes one row what it was at a moment: shows the statement, or carries it out with the rights of
-- whoever calls.
create or replace function plumb.restore_row(
    p_relation regclass,
    p_key text,
    as_of timestamptz,
    dry_run boolean default true,
    p_by text default session_user,
    p_search_path text default current_setting('search_path')
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root constant regclass := coalesce(pg_partition_root(p_relation), p_relation);
    v_name constant text := plumb.relation_name(v_root);
    v_wanted constant jsonb := plumb.row_as_of(v_root, p_key, as_of);
    v_found constant jsonb := plumb.row_as_of(v_root, p_key, 'infinity');
    v_table plumb.audited_tables;
    v_statement text;
begin
    select a.* into v_table from plumb.audited_tables as a where a.relation = v_name;
    if not found then
        raise exception 'table % is not audited', v_name
            using errcode = 'PL001', hint = 'select relation from plumb.audited_tables;';
    elsif v_wanted is null and v_found is null then
        raise exception 'the log knows no row % of %', quote_nullable(p_key), v_name
            using errcode = 'PL001', hint = 'A key of several columns is a JSON array.';
    elsif v_found is null and v_table.excluded_columns || v_table.masked_columns <> '{}' then
        raise exception 'row % of % is not restored: the log does not hold %', p_key, v_name,
            array_to_string(v_table.excluded_columns || v_table.masked_columns, ', ')
            using errcode = 'PL005', hint = 'Insert it by hand.';
    elsif v_wanted::text = v_found::text then
        return null;
    end if;
    v_statement := plumb.compensating_statement(v_root, v_table.key_columns, v_found, v_wanted);
    if not dry_run then
        perform plumb.undo_changes(
            array[v_statement],
            jsonb_build_array(jsonb_build_object(
                'relation', v_name, 'old_row', v_wanted, 'new_row', v_found
            )),
            format('restore of %s %s as of %s by %s', v_name, p_key, as_of, p_by),
            p_search_path
        );
    end if;
    return v_statement;
end;
$$;
comment on function plumb.restore_row(regclass, text, timestamptz, boolean, text, text) is
'Show the statement that makes a row what it was at a moment, or carry it out (dry_run => false).';
revoke execute on function plumb.restore_row(regclass, text, timestamptz, boolean, text, text)
from public;
grant execute on function plumb.restore_row(regclass, text, timestamptz, boolean, text, text)
to plumb_auditor;
