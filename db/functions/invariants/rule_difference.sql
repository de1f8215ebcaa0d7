-- Renders the comparison of two amounts that must be equal. What is no number differs from every
-- number.
create or replace function plumb.rule_difference(p_arguments jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select format('abs(%%1$s - %%2$s) > %s', coalesce(p_arguments ->> 'tolerance', '0'))
$$;
comment on function plumb.rule_difference(jsonb) is
'The SQL that says that two amounts differ by more than the tolerance of a rule.';
