-- Returns the newest health score, for all that need it: the highest number, not the latest time,
-- as with plumb.newest_drift_score(). Inlined: it reads one index row.
create or replace function plumb.newest_health_score()
returns setof plumb.health_scores
language sql
stable
rows 1
as $$
    select h.*
    from plumb.health_scores as h
    order by h.health_score_id desc
    limit 1
$$;
comment on function plumb.newest_health_score() is
'The newest health score; no row before the first one.';
grant execute on function plumb.newest_health_score() to plumb_reader;
