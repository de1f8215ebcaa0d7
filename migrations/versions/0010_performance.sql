-- What the performance engine measures and remembers.

-- Activity and statistics of other sessions are hidden from whoever is not a monitor.
grant pg_monitor to plumb_owner;

set local role plumb_owner;

create type plumb.database_check as (
    check_name text,
    status text,
    value numeric,
    threshold numeric,
    unit text,
    why text,
    remedy text
);
comment on type plumb.database_check is
'One look at the server: status is ok, warning, critical or unknown; threshold is the warning''s.';

create table plumb.database_check_priorities (
    check_name text primary key,
    priority text not null check (priority in ('P1', 'P2', 'P3', 'P4'))
);
comment on table plumb.database_check_priorities is
'Priority of the incident that a critical check opens; P3 for those not listed.';

create table plumb.database_check_results (
    check_name text primary key,
    status text not null check (status in ('ok', 'warning', 'critical', 'unknown')),
    value numeric,
    unit text not null,
    checked_at timestamptz not null
);
comment on table plumb.database_check_results is
'How the checks of database_checks went when the perf job last looked: a scrape reads these.';

create table plumb.statement_totals (
    queryid bigint primary key,
    calls bigint not null,
    total_ms double precision not null,
    sampled_at timestamptz not null
);
comment on table plumb.statement_totals is
'What pg_stat_statements had counted at the last sample; the next sample is compared with it.';

create table plumb.statement_observations (
    statement_observation_id bigint generated always as identity primary key,
    queryid bigint not null,
    query text not null,
    calls bigint not null,
    mean_ms double precision not null,
    total_ms double precision not null,
    baseline_ms double precision,
    verdict text not null check (verdict in ('usual', 'new', 'regressed')),
    observed_at timestamptz not null
);
comment on table plumb.statement_observations is
'The statements that took most time between two samples, each against its own baseline.';
comment on column plumb.statement_observations.baseline_ms is
'Median of its earlier mean times; null while there are too few.';
create index statement_observations_queryid_idx
on plumb.statement_observations (queryid, observed_at desc);
create index statement_observations_observed_at_idx
on plumb.statement_observations (observed_at desc);

create table plumb.memory_samples (
    memory_sample_id bigint generated always as identity primary key,
    server_bytes bigint not null,
    host_available_bytes bigint not null,
    host_total_bytes bigint not null,
    sampled_at timestamptz not null
);
comment on table plumb.memory_samples is
'Private memory of all server processes together, and what the host has left.';
create index memory_samples_sampled_at_idx on plumb.memory_samples (sampled_at desc);

reset role;
