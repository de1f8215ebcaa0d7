-- Silences alerts that match until a given time: a silence that is forgotten ends by itself.
-- Maintenance is a silence that is planned ahead, once or repeated.
create or replace function plumb.silence(
    p_until timestamptz,
    p_reason text,
    p_source text default '%',
    p_scope text default '%',
    p_priorities text[] default '{P1,P2,P3,P4}',
    p_by text default session_user,
    p_starts_at timestamptz default null,
    p_repeats_every interval default null,
    p_repeats_until timestamptz default null,
    p_kind text default 'silence'
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_starts_at constant timestamptz := coalesce(p_starts_at, v_now);
    v_silence_id bigint;
begin
    perform plumb.expect_text('the reason for the silence', p_reason);
    perform plumb.expect_text('the name of the person', p_by);
    if
        coalesce(p_until <= greatest(v_starts_at, v_now), true)
        or not isfinite(p_until)
        or not isfinite(v_starts_at)
    then
        raise exception 'a silence from % cannot end at %', v_starts_at, p_until
            using errcode = 'PL002', hint = 'It must end in the future, after it starts.';
    elsif not coalesce(p_priorities <@ plumb.priorities(), false) or p_priorities = '{}' then
        raise exception 'priorities are P1 to P4, not %', p_priorities
            using errcode = 'PL002', hint = 'Such as array[''P3'', ''P4''].';
    elsif
        p_repeats_every < p_until - v_starts_at
        or extract(month from p_repeats_every) + extract(year from p_repeats_every) <> 0
    then
        raise exception 'a silence of % cannot repeat every %',
            p_until - v_starts_at, p_repeats_every
            using errcode = 'PL002',
            hint = 'Count in days or shorter units, and not shorter than the silence itself.';
    end if;
    insert into plumb.silences (
        kind,
        source,
        scope,
        priorities,
        starts_at,
        ends_at,
        repeats_every,
        repeats_until,
        reason,
        created_by,
        created_at
    )
    values (
        p_kind,
        coalesce(p_source, '%'),
        coalesce(p_scope, '%'),
        p_priorities,
        v_starts_at,
        p_until,
        p_repeats_every,
        p_repeats_until,
        p_reason,
        p_by,
        v_now
    )
    returning silence_id into v_silence_id;
    return plumb.describe_silence(v_silence_id);
end;
$$;
comment on function plumb.silence(
    timestamptz,
    text,
    text,
    text,
    text[],
    text,
    timestamptz,
    interval,
    timestamptz,
    text
) is
'Hold alerts whose incident matches (LIKE patterns) until a moment; returns the silence as JSON.';
grant execute on function plumb.silence(
    timestamptz,
    text,
    text,
    text,
    text[],
    text,
    timestamptz,
    interval,
    timestamptz,
    text
) to plumb_operator, plumb_api;
