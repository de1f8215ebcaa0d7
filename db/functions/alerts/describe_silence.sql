-- Returns a silence or maintenance window as JSON for the HTTP service.
create or replace function plumb.describe_silence(p_silence_id bigint)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'silenceId', s.silence_id,
        'kind', s.kind,
        'source', s.source,
        'scope', s.scope,
        'priorities', to_jsonb(s.priorities),
        'startsAt', s.starts_at,
        'endsAt', s.ends_at,
        'repeatsEverySeconds', extract(epoch from s.repeats_every)::bigint,
        'repeatsUntil', s.repeats_until,
        'reason', s.reason,
        'createdBy', s.created_by,
        'createdAt', s.created_at,
        'endedAt', s.ended_at,
        'endedBy', s.ended_by
    )
    from plumb.silences as s
    where s.silence_id = p_silence_id
$$;
comment on function plumb.describe_silence(bigint) is
'A silence as JSON with camelCase names; null when it does not exist.';
grant execute on function plumb.describe_silence(bigint) to plumb_reader;
