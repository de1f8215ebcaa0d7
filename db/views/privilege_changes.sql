-- Lists how the privileges differ from those that a person accepted last.
create view plumb.privilege_changes as
select
    case when p.is_present then 'granted' else 'revoked' end as change,
    p.kind,
    p.object,
    p.grantee,
    p.privilege,
    p.changed_at
from plumb.privileges as p
where
    p.is_present <> p.is_accepted
    -- A new object has an owner, and one that went has none: neither is a change of rights.
    and (
        p.kind <> 'owner'
        or exists (
            select
            from plumb.privileges as o
            where
                o.kind = 'owner'
                and o.object = p.object
                and o.is_present <> o.is_accepted
                and o.is_present <> p.is_present
        )
    )
order by p.changed_at, p.kind, p.object, p.grantee, p.privilege;
comment on view plumb.privilege_changes is
'Rights granted or revoked since they were last declared right by plumb.accept_privileges().';
comment on column plumb.privilege_changes.change is 'granted or revoked.';
comment on column plumb.privilege_changes.kind is 'The kind of object.';
comment on column plumb.privilege_changes.object is 'The object that the right is about.';
comment on column plumb.privilege_changes.grantee is 'Who has the right.';
comment on column plumb.privilege_changes.privilege is 'The right.';
comment on column plumb.privilege_changes.changed_at is 'When the change was noticed.';
