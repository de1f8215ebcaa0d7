-- Returns what DDL is running and who runs it, for findings and baselines.
create or replace function plumb.ddl_reason(p_tag text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '%s by %s', p_tag, session_user || case
            when current_setting('role') not in ('none', session_user)
                then ' as ' || current_setting('role')
            else ''
        end
    )
$$;
comment on function plumb.ddl_reason(text) is 'The tag of a command and the role that runs it.';
