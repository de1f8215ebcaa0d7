-- A secret that never changes can stand in the plans of sessions, so that a statement on a captured
-- table need not read it.
set local role plumb_owner;
create table plumb.audit_message_key (
    id smallint primary key default 1 constraint audit_message_key_id_check check (id = 1),
    message_key bytea not null
);
comment on table plumb.audit_message_key is
'The secret by which messages of our own triggers in the WAL are recognised: one row.';
revoke select on plumb.audit_message_key from plumb_reader;
insert into plumb.audit_message_key (message_key)
select
    coalesce(
        (select c.message_key from plumb.audit_capture as c),
        uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
    );
alter table plumb.audit_capture drop column message_key;
reset role;
