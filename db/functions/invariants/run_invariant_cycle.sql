-- The five-minute job: look at what changed, say how it went in one line.
create or replace function plumb.run_invariant_cycle()
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '%s hold, %s violated, %s unknown',
        count(*) filter (where c.status = 'holds'),
        count(*) filter (where c.status = 'violated'),
        count(*) filter (where c.status = 'unknown')
    )
    from plumb.check_invariants('cycle') as c
$$;
comment on function plumb.run_invariant_cycle() is 'Check what changed; says how it went.';
