-- Returns why an invariant cannot be read since the application's tables changed: its rule names
-- what is gone, or its view had to step aside for DDL and could not be put back.
create or replace function plumb.invariant_fault(p_invariant text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        (select r.fault from plumb.rules as r where r.invariant = p_invariant),
        (
            select coalesce(s.fault, 'its view is set aside for DDL')
            from plumb.set_aside_views as s
            where s.invariant = p_invariant
        )
    );
end;
$$;
comment on function plumb.invariant_fault(text) is
'Why the view of an invariant cannot be read since tables changed; null when it can.';
