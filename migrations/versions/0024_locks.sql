-- Any role that may connect can take any advisory lock, and would stop whoever waits for it. A row
-- of this table can be locked and claimed by Plumbline's functions only.
set local role plumb_owner;
create table plumb.locks (
    name text primary key,
    holder_pid integer,
    holder_started_at timestamptz,
    claimed_at timestamptz,
    constraint locks_claim_is_whole check (
        num_nulls(holder_pid, holder_started_at, claimed_at) in (0, 3)
    )
)
with (fillfactor = 50);
comment on table plumb.locks is
'Work never done twice at once: a row is locked for one transaction, or claimed for longer.';
comment on column plumb.locks.name is
'What is kept apart: a job ("job health"), or work such as "audit log" or "backup".';
comment on column plumb.locks.holder_pid is
'Process number of the session that claimed it; null while nobody has it.';
comment on column plumb.locks.holder_started_at is
'When that session began: a process number alone may be used again.';
comment on column plumb.locks.claimed_at is 'When it was claimed.';
insert into plumb.locks (name)
values
('audit log'),
('backup'),
('check invariants'),
('demo'),
('deployment'),
('migration'),
('route alerts');
insert into plumb.locks (name) select 'job ' || j.job_name from plumb.jobs as j;
grant select on plumb.locks to plumb_reader;

drop function if exists plumb.job_lock_class();
drop function if exists plumb.audit_lock_key();
drop function if exists plumb.backup_lock_key();
drop function if exists plumb.deployment_lock_key();
reset role;
