-- Runs the job health: scores it and returns the score in one line. It also lowers safe mode's
-- flag, if an earlier switch left it raised, and follows guarded tables that were renamed
-- meanwhile.
create or replace function plumb.run_health()
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.lower_safe_mode_flag();
    select plumb.follow_guarded_tables();

    select format('%s (%s)%s', h.score, h.grade, case when h.is_safe_mode then ', safe mode' end)
    from plumb.score_health() as h
$$;
comment on function plumb.run_health() is 'Score health; says the score and grade.';
grant execute on function plumb.run_health() to plumb_worker;
