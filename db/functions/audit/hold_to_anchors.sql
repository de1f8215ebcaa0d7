-- Compares the log with its anchors before the next one is stored. When old files were put back,
-- the log is consistent in itself and lacks what came later; only anchors outside the database show
-- that. The incident stays until a person closes it: the anchors do not change again.
create or replace function plumb.hold_to_anchors(p_directory text, p_file_name text)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Some 250 anchors: a whole evening's, should nobody look.
    c_bytes_max constant integer := 65536;
    -- Read first and compared in a statement of its own: whatever is anchored is visible by then.
    v_anchors constant jsonb := plumb.py_newest_anchors(p_directory, p_file_name, c_bytes_max);
    v_findings constant text [] := array(
        select format('%s: seal %s', f.kind, f.seal)
        from plumb.verify_anchors(v_anchors) as f
    );
begin
    if v_findings <> '{}' then
        perform plumb.open_incident(
            'audit',
            'anchors',
            'P1',
            'The audit log is not the one that was anchored',
            array_to_string(v_findings[1:20], e'\n'),
            cardinality(v_findings),
            plumb.setting('runbook_base_url') || 'audit.md'
        );
    end if;
    return cardinality(v_findings);
end;
$$;
comment on function plumb.hold_to_anchors(text, text) is
'Compare the log with the newest anchors in a file: P1 if they differ. Returns how many do.';
