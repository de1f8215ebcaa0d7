-- Carries out compensating statements, with the rights of whoever calls, those of a superuser with
-- the rights of the table's owner: triggers, policies and constraints of the application apply as
-- ever. All or nothing: each statement must find its row as it was left, and no invariant may be
-- violated that held before. The log names it an undo.
create or replace function plumb.undo_changes(
    p_statements text[], p_rows jsonb, p_label text, p_search_path text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_app_user constant text := coalesce(current_setting('plumb.app_user', true), '');
    v_own_path constant text := current_setting('search_path');
    v_before constant jsonb := coalesce(
        (select jsonb_agg(v) from plumb.violations_of_rows(p_rows) as v), '[]'
    );
    v_index integer := 0;
    v_statement text;
    v_relation regclass;
    v_count bigint;
    v_violation record;
begin
    perform set_config('plumb.app_user', p_label, true);
    set constraints all deferred;
    foreach v_statement in array p_statements loop
        v_relation := plumb.find_relation(p_rows -> v_index ->> 'relation');
        v_index := v_index + 1;
        if
            exists (
                select
                from pg_class as c
                inner join pg_roles as o on o.oid = c.relowner
                inner join pg_roles as u on u.rolname = current_user
                where
                    c.oid = v_relation
                    and u.rolsuper
                    and not o.rolsuper
                    and o.rolname <> 'plumb_owner'
            )
        then
            v_count := plumb.change_as_owner(v_relation, v_statement, p_search_path);
        else
            -- Triggers of the application find what they name.
            perform set_config('search_path', p_search_path, true);
            execute v_statement;
            get diagnostics v_count = row_count;
            perform set_config('search_path', v_own_path, true);
        end if;
        if v_count <> 1 then
            raise exception 'the row is not as it was left: %', left(v_statement, 500)
                using errcode = 'PL005', hint = 'Nothing was changed. Run it again with dry_run.';
        end if;
    end loop;
    perform set_config('plumb.app_user', v_app_user, true);
    select v.* into v_violation
    from plumb.violations_of_rows(p_rows) as v
    where not v_before @> jsonb_build_array(
        jsonb_build_object('invariant', v.invariant, 'subject', v.subject)
    )
    limit 1;
    if found then
        raise exception '% would not hold for %: %',
            v_violation.invariant, v_violation.subject, v_violation.explanation
            using errcode = 'check_violation', hint = 'Nothing was changed.';
    end if;
end;
$$;
comment on function plumb.undo_changes(text[], jsonb, text, text) is
'Carry out compensating statements as the caller; all or nothing.';
revoke execute on function plumb.undo_changes(text[], jsonb, text, text) from public;
grant execute on function plumb.undo_changes(text[], jsonb, text, text) to plumb_auditor;
