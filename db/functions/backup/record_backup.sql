-- Records a finished backup, ours or that of pgBackRest, Barman, WAL-G or any other tool. What
-- another tool verified is recorded with it as tiers, and counts only as those tiers.
create or replace function plumb.record_backup(
    p_backup_name text,
    p_taken_at timestamptz,
    p_size_bytes bigint default null,
    p_sha256 text default null,
    p_tool text default 'external',
    p_location text default '',
    p_is_encrypted boolean default false,
    p_manifest jsonb default '{}',
    p_tiers jsonb default null
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_backup_id bigint;
begin
    if p_taken_at is null or p_taken_at > plumb.current_time() + interval '5 minutes' then
        raise exception 'backup % cannot hold the data of %', p_backup_name, p_taken_at
            using errcode = 'PL002', hint = 'p_taken_at is the moment of its snapshot.';
    end if;
    insert into plumb.backups as b (
        backup_name, tool, status, location, size_bytes, sha256, is_encrypted, taken_at, manifest,
        started_at, finished_at
    )
    values (
        p_backup_name, p_tool, 'finished', p_location, p_size_bytes, p_sha256, p_is_encrypted,
        p_taken_at, p_manifest, p_taken_at, plumb.current_time()
    )
    -- A finished backup is what it was: another one under its name is refused below.
    on conflict (backup_name) do update
    set
        status = 'finished',
        location = excluded.location,
        size_bytes = excluded.size_bytes,
        sha256 = excluded.sha256,
        is_encrypted = excluded.is_encrypted,
        taken_at = excluded.taken_at,
        manifest = excluded.manifest,
        error = '',
        finished_at = excluded.finished_at
    where
        b.tool = excluded.tool
        and (
            b.status <> 'finished'
            or (b.taken_at, b.sha256)
            is not distinct from (excluded.taken_at, excluded.sha256)
        )
    returning b.backup_id into v_backup_id;
    if v_backup_id is null then
        raise exception 'another backup is known as %', quote_literal(p_backup_name)
            using errcode = 'PL005',
            hint = 'A name is given once; select * from plumb.backups shows what it stands for.';
    end if;
    perform plumb.resolve_incident(
        'backup', 'run', format('backup %s was made', p_backup_name)
    );
    if p_tiers is not null then
        perform plumb.record_validation(p_backup_name, p_tiers, plumb.current_time());
    end if;
    return v_backup_id;
end;
$$;
comment on function plumb.record_backup(
    text, timestamptz, bigint, text, text, text, boolean, jsonb, jsonb
) is
'Record a finished backup of any tool, with the tiers it proved; returns its id.';
grant execute on function plumb.record_backup(
    text, timestamptz, bigint, text, text, text, boolean, jsonb, jsonb
) to plumb_operator;
