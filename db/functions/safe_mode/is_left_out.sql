-- Returns whether a table stays writable in safe mode although its schema is guarded: sessions,
-- login attempts, caches and queues are written by who only reads, so that with them nobody could
-- log in or look. The name begins with one of the words, or a part of it does, behind an underscore
-- or a capital. A person guards such a table by its name.
create or replace function plumb.is_left_out(p_table text)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select
        from unnest(string_to_array(plumb.setting('left_out_tables'), ',')) as w (word)
        where
            trim(w.word) <> ''
            and strpos(
                '_' || lower(regexp_replace(p_table, '([a-z0-9])([A-Z])', '\1_\2', 'g')),
                '_' || lower(trim(w.word))
            ) > 0
    )
$$;
comment on function plumb.is_left_out(text) is
'Whether a table of a guarded schema stays writable in safe mode, by its name.';
revoke execute on function plumb.is_left_out(text) from public;
grant execute on function plumb.is_left_out(text) to plumb_reader;
