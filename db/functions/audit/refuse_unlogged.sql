-- Refuses an unlogged table where changes are captured from the WAL: its changes are in no WAL, so
-- that the log would be empty.
create or replace function plumb.refuse_unlogged(p_relation regclass)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_unlogged regclass;
begin
    select m.member into v_unlogged
    from plumb.audit_members(p_relation) as m
    inner join pg_class as c on c.oid = m.member
    where c.relpersistence <> 'p'
    order by m.member
    limit 1;
    if found then
        raise exception '% is unlogged, so its changes cannot be captured from the WAL', v_unlogged
            using errcode = 'PL002',
            hint = 'alter table … set logged, or audit it with triggers: capture => ''trigger''.';
    end if;
end;
$$;
comment on function plumb.refuse_unlogged(regclass) is
'Raise PL002 when a table or a partition of it is unlogged.';
