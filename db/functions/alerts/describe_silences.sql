-- Returns the silences and maintenance windows that hold now or begin later, as JSON for the HTTP
-- service.
create or replace function plumb.describe_silences()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'silences', coalesce(
            jsonb_agg(plumb.describe_silence(s.silence_id) order by s.starts_at, s.silence_id),
            '[]'
        )
    )
    from plumb.active_silences as s
$$;
comment on function plumb.describe_silences() is
'Silences and maintenance windows in force or to come, as JSON.';
grant execute on function plumb.describe_silences() to plumb_reader;
