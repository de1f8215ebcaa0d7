-- Returns the reason why an incident sends no alerts now, null when it does: its own silence, a
-- silence or maintenance window that matches it, or an open incident that explains it.
create or replace function plumb.mute_reason(p_incident_id bigint)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        case
            when i.silenced_until > n.now
                then format('incident silenced until %s', i.silenced_until)
        end,
        (
            select format('%s %s: %s', s.kind, s.silence_id, s.reason)
            from plumb.silences as s
            where
                s.ended_at is null
                and n.now >= s.starts_at
                and case
                    when s.repeats_every is null then n.now < s.ends_at
                    else
                        n.now < coalesce(s.repeats_until, 'infinity')
                        and n.now
                        < date_bin(s.repeats_every, n.now, s.starts_at) + (s.ends_at - s.starts_at)
                end
                and i.source like s.source
                and i.scope like s.scope
                and i.priority = any(s.priorities)
            order by s.silence_id
            limit 1
        ),
        (
            select format('incident %s explains it: %s', p.incident_id, h.reason)
            from plumb.inhibitions as h
            inner join plumb.incidents as p
                on
                    p.is_open
                    and p.source like h.parent_source
                    and p.scope like h.parent_scope
                    and p.incident_id <> i.incident_id
            where i.source like h.child_source and i.scope like h.child_scope
            order by h.inhibition_id
            limit 1
        )
    )
    from plumb.incidents as i
    cross join (select plumb.current_time() as now) as n
    where i.incident_id = p_incident_id
$$;
comment on function plumb.mute_reason(bigint) is
'Why alerts about this incident are held now; null when they are not.';
grant execute on function plumb.mute_reason(bigint) to plumb_reader;
