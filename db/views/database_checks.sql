-- Everything worth knowing about the server itself, one row each, all with the same columns.
create view plumb.database_checks as
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_connections() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_long_transactions() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_idle_in_transaction() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_lock_waits() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_cache_misses() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_replication_lag() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_replication_slots() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_transaction_id_age() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_multixact_age() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_sequences() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_wal_archiving() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_checksum_failures() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_invalid_indexes() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_duplicate_indexes() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_unused_indexes() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_invalid_constraints() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_disabled_triggers() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_bloat() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_autovacuum_lag() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_scheduler() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_memory() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_worker_settings() as c
union all
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_free_space() as c;
comment on view plumb.database_checks is
'Checks of the server: status ok, warning, critical or unknown, with value, threshold and remedy.';
comment on column plumb.database_checks.check_name is 'The name of the check.';
comment on column plumb.database_checks.status is 'ok, warning, critical or unknown.';
comment on column plumb.database_checks.value is 'The measured value.';
comment on column plumb.database_checks.threshold is 'The limit that the value is compared with.';
comment on column plumb.database_checks.unit is 'The unit of the value.';
comment on column plumb.database_checks.why is 'Why it has this status.';
comment on column plumb.database_checks.remedy is 'What to do about it.';
