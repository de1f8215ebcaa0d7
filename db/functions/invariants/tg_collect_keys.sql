-- Collects the keys of changed rows for the check at commit. They are collected as rows change and
-- checked once, by the deferred trigger of the row that the first of them puts into
-- plumb.pending_checks: one query for all keys, and all locks in one order, so that two commits
-- wait for each other instead of deadlocking. The application's own tables have no pending trigger
-- events, so it may alter them.
--
-- The keys live in settings local to the transaction: they vanish with it, a rolled-back
-- savepoint takes its own with it, and no index is read that a SERIALIZABLE transaction could
-- conflict over. An application that forges them escapes the check at commit, not the next
-- cycle. TRUNCATE has no rows to collect: the next cycle finds what it broke.
create or replace function plumb.tg_collect_keys()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_prefix constant text := 'plumb.pending_' || lower(tg_argv[0]);
    v_rows jsonb [] := case tg_op
        when 'INSERT' then array[to_jsonb(new)]
        when 'DELETE' then array[to_jsonb(old)]
        else array[to_jsonb(old), to_jsonb(new)]
    end;
    v_row jsonb;
    v_key jsonb;
    v_item text;
    v_pending text;
begin
    foreach v_row in array v_rows loop
        -- Arguments: the invariant, then pairs of a column of this table and one of the view.
        for v_argument in 1 .. tg_nargs - 1 by 2 loop
            v_key := to_jsonb(v_row ->> tg_argv[v_argument]);
            continue when v_key is null;
            v_item := format('{%s: %s},', to_jsonb(tg_argv[v_argument + 1]), v_key);
            v_pending := coalesce(current_setting(v_prefix || '.c0', true), '');
            continue when strpos(v_pending, v_item) > 0;
            if v_pending = '' then
                perform plumb.note_pending(tg_argv[0], tg_relid);
            elsif length(v_pending) > 8000 then
                perform plumb.append_pending_chunk(v_prefix, 'c', v_pending);
                v_pending := '';
            end if;
            v_pending := set_config(v_prefix || '.c0', v_pending || v_item, true);
            if current_setting('plumb.has_commit_locks', true) = 'true' then
                perform set_config('plumb.has_commit_locks', '', true);
            end if;
        end loop;
    end loop;
    return null;
end;
$$;
comment on function plumb.tg_collect_keys() is
'Remember the changed keys of an invariant that is enforced at commit.';
