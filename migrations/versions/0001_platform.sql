-- Roles, the schema, and the platform's own tables: settings, jobs and their runs, releases.

-- Roles belong to the whole cluster: another database may have brought them already.
do $$
declare
    v_role record;
begin
    for v_role in
        select *
        from (values
            ('plumb_owner', 'nologin'),
            ('plumb_reader', 'nologin'),
            ('plumb_operator', 'nologin'),
            ('plumb_worker', 'login'),
            ('plumb_api', 'login'),
            ('retail_app', 'nologin')
        ) as r (name, login)
        where not exists (select from pg_roles where rolname = r.name)
    loop
        execute format('create role %I %s', v_role.name, v_role.login);
    end loop;
end;
$$;
comment on role plumb_owner is 'Owns everything in schema plumb; nobody logs in as it.';
comment on role plumb_reader is 'Reads the views of schema plumb.';
comment on role plumb_operator is 'Reader that may acknowledge, silence, attach and switch modes.';
comment on role plumb_worker is 'Runs the background jobs.';
comment on role plumb_api is 'Login of the HTTP service.';
comment on role retail_app is 'The shop''s own application.';
grant plumb_reader to plumb_operator;
grant plumb_reader to plumb_api;
grant plumb_owner to plumb_worker;
-- A forensic snapshot without the queries of other sessions would be no evidence.
grant pg_read_all_stats to plumb_owner;

alter schema plumb owner to plumb_owner;
alter table plumb.schema_revision owner to plumb_owner;
revoke all on schema plumb from public;
grant usage on schema plumb to plumb_reader, plumb_operator, plumb_api;
comment on schema plumb is 'Plumbline: what holds this database true.';

set local role plumb_owner;

-- What nobody was granted, nobody may call; what is stored, readers may read unless a
-- table says otherwise.
alter default privileges for role plumb_owner revoke execute on functions from public;
alter default privileges for role plumb_owner in schema plumb
grant select on tables to plumb_reader;

create table plumb.settings (
    name text primary key,
    value text,
    default_value text not null,
    unit text not null default '',
    description text not null,
    updated_at timestamptz not null default now()
);
comment on table plumb.settings is
'Every number an operator may turn. A null value means the default, which releases may change.';
comment on column plumb.settings.value is 'The operator''s choice, or null for the default.';

create table plumb.releases (
    release_id bigint generated always as identity primary key,
    schema_revision text not null,
    released_by text not null default session_user,
    released_at timestamptz not null default now()
);
comment on table plumb.releases is 'One row for each `plumb migrate` that brought a new revision.';

create table plumb.jobs (
    job_name text primary key,
    command text not null,
    interval_setting text not null references plumb.settings (name),
    schedule text,
    timeout_seconds integer not null check (timeout_seconds > 0),
    is_enabled boolean not null default true,
    description text not null
);
comment on table plumb.jobs is
'The background workers: what runs, how often, for how long at most.';
comment on column plumb.jobs.command is
'The call a run makes, such as plumb.run_invariant_cycle().';
comment on column plumb.jobs.schedule is
'pg_cron''s schedule; null when no scheduler is installed here.';

create table plumb.job_runs (
    job_run_id bigint generated always as identity primary key,
    job_name text not null references plumb.jobs (job_name),
    started_at timestamptz not null,
    finished_at timestamptz,
    backend_pid integer,
    result text not null default 'running'
    check (result in ('running', 'succeeded', 'failed')),
    message text not null default ''
);
comment on table plumb.job_runs is 'Our own history of job runs; pg_cron''s is pruned.';
comment on column plumb.job_runs.backend_pid is 'The server process of the run.';
create index job_runs_job_name_started_at_idx on plumb.job_runs (job_name, started_at desc);
create index job_runs_started_at_idx on plumb.job_runs (started_at);

reset role;
