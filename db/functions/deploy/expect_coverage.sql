-- Refuses a coverage that is neither a percentage nor null (not measured). NaN sorts above every
-- number and would pass the gate.
create or replace function plumb.expect_coverage(p_coverage numeric)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_coverage = 'NaN' or p_coverage not between 0 and 100 then
        raise exception 'coverage % is not a percentage', p_coverage
            using errcode = 'PL002', hint = 'Line coverage, from 0 to 100.';
    end if;
end;
$$;
comment on function plumb.expect_coverage(numeric) is
'Raise PL002 unless coverage is a percentage or null.';
