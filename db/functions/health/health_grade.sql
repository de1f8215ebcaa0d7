-- Returns the grade of a health score, A to F.
create or replace function plumb.health_grade(p_score numeric)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select g.grade
    from plumb.health_grades as g
    where g.score_min <= p_score
    order by g.score_min desc
    limit 1
$$;
comment on function plumb.health_grade(numeric) is 'The grade (A to F) of a score from 0 to 100.';
grant execute on function plumb.health_grade(numeric) to plumb_reader;
