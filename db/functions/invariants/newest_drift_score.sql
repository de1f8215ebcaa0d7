-- Returns the newest drift score, for all that need it. Newest is the highest number, not the
-- latest time: a clock that was ahead for a while must not hide what was found since. Inlined: it
-- reads one index row.
create or replace function plumb.newest_drift_score()
returns setof plumb.drift_scores
language sql
stable
rows 1
as $$
    select d.*
    from plumb.drift_scores as d
    order by d.drift_score_id desc
    limit 1
$$;
comment on function plumb.newest_drift_score() is
'The newest drift score; no row before the first check.';
grant execute on function plumb.newest_drift_score() to plumb_reader;
