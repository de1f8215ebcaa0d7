-- Counts constraints that were added NOT VALID and not validated: older rows may violate them.
create or replace function plumb.check_invalid_constraints()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'invalid_constraints',
        count(*),
        'constraints',
        coalesce(
            string_agg(format('%s on %s', c.conname, c.conrelid::regclass), ', ' order by c.oid),
            'none'
        ),
        'ALTER TABLE … VALIDATE CONSTRAINT …;'
    )
    from pg_constraint as c
    where not c.convalidated
$$;
comment on function plumb.check_invalid_constraints() is 'Number of constraints never validated.';
grant execute on function plumb.check_invalid_constraints() to plumb_reader;
