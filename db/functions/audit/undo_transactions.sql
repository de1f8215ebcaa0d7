-- Takes back what transactions changed in audited tables: shows the script, or carries it out in
-- one transaction. Changes that came later are not overwritten unless each is named, as
-- 'schema.table key', in p_overwrite. Runs with the rights of whoever calls.
create or replace function plumb.undo_transactions(
    p_txids xid8[],
    dry_run boolean default true,
    p_by text default session_user,
    p_overwrite text[] default '{}',
    p_search_path text default current_setting('search_path')
)
returns table (step bigint, statement text, problem text)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_script constant jsonb := (
        select jsonb_agg(s order by s.step)
        from plumb.undo_script(p_txids, p_overwrite) as s
    );
    v_what constant text := case
        when cardinality(p_txids) = 1 then format('transaction %s', p_txids[1])
        else plumb.counted(cardinality(p_txids), 'transaction')
    end;
    v_problem jsonb;
begin
    if v_script is null then
        raise exception 'the log has no change of %', v_what
            using errcode = 'PL001',
            hint = 'select txid from plumb.row_changes(''table'', ''key'');';
    end if;
    if not dry_run then
        select s.line into v_problem
        from jsonb_array_elements(v_script) as s (line)
        where s.line ->> 'problem' is not null
        limit 1;
        if found then
            raise exception '% cannot be undone: % %: %',
                v_what, v_problem ->> 'relation', v_problem ->> 'record_key',
                v_problem ->> 'problem'
                using
                    errcode = 'PL005',
                    hint = format(
                        'To overwrite a later change: p_overwrite => array[%L]',
                        concat_ws(' ', v_problem ->> 'relation', v_problem ->> 'record_key')
                    );
        end if;
        perform plumb.undo_changes(
            array(
                select s.line ->> 'statement'
                from jsonb_array_elements(v_script) with ordinality as s (line, position)
                order by s.position
            ),
            v_script,
            format('undo of %s by %s', v_what, p_by),
            p_search_path
        );
    end if;
    return query
    select (s.line ->> 'step')::bigint, s.line ->> 'statement', s.line ->> 'problem'
    from jsonb_array_elements(v_script) with ordinality as s (line, position)
    order by s.position;
end;
$$;
comment on function plumb.undo_transactions(xid8[], boolean, text, text[], text) is
'Show the statements that take transactions back, or carry them out (dry_run => false).';
revoke execute on function plumb.undo_transactions(xid8[], boolean, text, text[], text) from public;
grant execute on function plumb.undo_transactions(xid8[], boolean, text, text[], text)
to plumb_auditor;
