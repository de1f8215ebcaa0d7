-- Ends an inhibition: the child incident alerts again while its parent is open.
create or replace function plumb.lift_inhibition(p_inhibition_id bigint)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from plumb.inhibitions as h where h.inhibition_id = p_inhibition_id;
    if not found then
        raise exception 'there is no inhibition %', p_inhibition_id
            using errcode = 'PL001', hint = 'select * from plumb.inhibitions;';
    end if;
end;
$$;
comment on function plumb.lift_inhibition(bigint) is 'Remove an inhibition.';
grant execute on function plumb.lift_inhibition(bigint) to plumb_operator;
