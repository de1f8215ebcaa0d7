-- Opens one incident for each kind of threat while it lasts, and resolves it when it is over.
create or replace function plumb.judge_threat(
    p_scope text, p_priority text, p_count bigint, p_title text, p_description text
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_count > 0 then
        perform plumb.open_incident(
            'security',
            p_scope,
            p_priority,
            p_title,
            coalesce(p_description, ''),
            p_count,
            plumb.setting('runbook_base_url') || lower(p_scope) || '.md'
        );
        return p_title || '; ';
    end if;
    perform plumb.resolve_incident('security', p_scope, 'the scan finds it no more');
    return '';
end;
$$;
comment on function plumb.judge_threat(text, text, bigint, text, text) is
'Open or resolve the security incident of a scope by its count; returns the title or nothing.';
