-- Opens an incident for pages whose checksum was wrong when the server read them. Such a page does
-- not repair itself, so the incident lasts until a person has repaired it and reset the count.
create or replace function plumb.check_page_checksums()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count bigint;
    v_last_at timestamptz;
begin
    if current_setting('data_checksums') = 'off' then
        return 'page checksums are off';
    end if;
    select sum(d.checksum_failures), max(d.checksum_last_failure)
    into v_count, v_last_at
    from pg_stat_database as d
    where d.datname = current_database() or d.datid = 0;
    if coalesce(v_count, 0) = 0 then
        perform plumb.resolve_incident('backup', 'page-checksums', 'no failure is counted');
        return 'no page failed its checksum';
    end if;
    perform plumb.open_incident(
        'backup',
        'page-checksums',
        'P1',
        format('%s page reads failed their checksum', v_count),
        format('The last one was at %s; the server log names file and block.', v_last_at),
        v_count,
        plumb.setting('runbook_base_url') || 'backup.md'
    );
    return format('%s page reads failed their checksum', v_count);
end;
$$;
comment on function plumb.check_page_checksums() is
'Open a P1 incident when the server read pages whose checksum did not fit; says how many.';
