-- Calls an auto-correct function and keeps what it wrote only if it left nothing else behind. It
-- runs as its owner, but in the session of the role that checks, a superuser's perhaps: a setting,
-- a temporary view, a cursor or a prepared statement of its own would work on with the rights of
-- that session, and so would a trigger that waits for the commit, which before PostgreSQL 18 runs
-- as the role that commits. Each of these is an error here, which takes back all that it did, and
-- so is a function that changed itself meanwhile.
create or replace function plumb.run_correction(p_function regprocedure, p_subjects text[])
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before constant jsonb := plumb.session_state();
    v_search_path constant text := current_setting('search_path');
    v_version text;
    v_count bigint;
    v_left text;
begin
    if not plumb.lock_correction(p_function) then
        raise exception '% has other rights than its owner''s, or returns no integer', p_function
            using errcode = 'PL007', hint = 'alter function … security definer;';
    end if;
    select format('%s %s', p.xmin, p.ctid) into v_version
    from pg_proc as p
    where p.oid = p_function;
    execute format('select %s($1)', p_function::regproc) into v_count using p_subjects;
    -- First of all, for without it every name below could be one of the function's.
    if pg_catalog.current_setting('search_path') operator(pg_catalog.<>) v_search_path then
        raise exception '% leaves behind search_path', p_function
            using errcode = 'PL007',
            hint = 'What it did was taken back. Let it set what it needs by its SET clause.';
    end if;
    perform plumb.refuse_prepared();
    perform from pg_proc as p
    where p.oid = p_function and format('%s %s', p.xmin, p.ctid) = v_version;
    if not found then
        raise exception '% was changed while it ran', p_function
            using errcode = 'PL007',
            hint = 'What it did was taken back. It is run again in the next round.';
    end if;
    select string_agg(a.key, ', ' order by a.key) into v_left
    from jsonb_each(plumb.session_state()) as a
    where a.value is distinct from v_before -> a.key;
    if v_left is null and current_setting('server_version_num')::integer < 180000 then
        select 'a trigger that waits for the commit: ' || plumb.waiting_code() into v_left;
    end if;
    if v_left is not null then
        raise exception '% leaves behind %', p_function, v_left
            using errcode = 'PL007',
            hint = 'What it did was taken back. It may change rows, nothing else of the session;'
            ' trigger functions that wait for the commit must be SECURITY DEFINER.';
    end if;
    return v_count;
end;
$$;
comment on function plumb.run_correction(regprocedure, text[]) is
'Run an auto-correct; PL007 and nothing kept when it leaves more behind than changed rows.';
