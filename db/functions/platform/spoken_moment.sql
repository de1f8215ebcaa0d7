-- Writes a moment for a sentence, in UTC; without its date when it is today.
create or replace function plumb.spoken_moment(p_at timestamptz)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select to_char(
        p_at at time zone 'UTC',
        case
            when
                (p_at at time zone 'UTC')::date
                = (plumb.current_time() at time zone 'UTC')::date
                then 'HH24:MI "UTC"'
            else 'YYYY-MM-DD HH24:MI "UTC"'
        end
    )
$$;
comment on function plumb.spoken_moment(timestamptz) is
'A time in UTC as a sentence says it; without its date when it is of today.';
grant execute on function plumb.spoken_moment(timestamptz) to plumb_reader;
