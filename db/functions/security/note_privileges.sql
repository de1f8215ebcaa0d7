-- Compares the rights with those the last scan saw: each change becomes one event, once. It
-- stays listed in privilege_changes until it is undone or accepted.
create or replace function plumb.note_privileges()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_is_first constant boolean := not exists (select from plumb.privileges);
    v_noted bigint;
begin
    with
    found as materialized (
        select c.kind, c.object, c.grantee, c.privilege from plumb.current_privileges as c
    ),
    appeared as (
        insert into plumb.privileges as p (
            kind, object, grantee, privilege, is_accepted, is_present, changed_at
        )
        select f.kind, f.object, f.grantee, f.privilege, v_is_first, true, v_now
        from found as f
        on conflict (kind, object, grantee, privilege) do update
        set is_present = true, changed_at = v_now
        where not p.is_present
        returning 'privilege_granted' as event, p.kind, p.object, p.grantee, p.privilege
    ),
    vanished as (
        update plumb.privileges as p
        set is_present = false, changed_at = v_now
        where
            p.is_present
            and not exists (
                select
                from found as f
                where
                    (f.kind, f.object, f.grantee, f.privilege)
                    = (p.kind, p.object, p.grantee, p.privilege)
            )
        returning 'privilege_revoked' as event, p.kind, p.object, p.grantee, p.privilege
    ),
    changed as (
        select c.*, count(*) over (partition by c.kind, c.object) as changes
        from (
            select a.* from appeared as a
            union all
            select v.* from vanished as v
        ) as c
    )
    insert into plumb.security_events (kind, severity, actor, details, occurred_at)
    select
        c.event,
        'P2',
        c.grantee,
        jsonb_build_object('kind', c.kind, 'object', c.object, 'privilege', c.privilege),
        v_now
    from changed as c
    -- An object that is new or gone changes no owner; one that has another loses and gains one.
    where not v_is_first and (c.kind <> 'owner' or c.changes > 1)
    order by c.kind, c.object, c.grantee, c.privilege
    limit plumb.setting_number('snapshot_rows_max')::integer;
    get diagnostics v_noted = row_count;
    if v_is_first then
        perform plumb.accept_privileges('first scan');
    end if;
    -- Came and went again: nothing is left of it but the two events.
    delete from plumb.privileges as p where not p.is_present and not p.is_accepted;
    return v_noted;
end;
$$;
comment on function plumb.note_privileges() is
'Record each change of rights since the last look as an event; returns how many.';
