-- The other audit log that people write by hand: row-level, jsonb, no chain, found by its key.
create schema unchained authorization plumb_owner;
set role plumb_owner;

create table unchained.log (
    log_id bigint generated always as identity primary key,
    txid xid8 not null,
    occurred_at timestamptz not null,
    actor text not null,
    application text not null,
    relation text not null,
    op text not null,
    record_key text,
    old_row jsonb,
    new_row jsonb
);
create index log_record_idx on unchained.log (relation, record_key);

create function unchained.tg_log() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into unchained.log (
        txid, occurred_at, actor, application, relation, op, record_key, old_row, new_row
    )
    values (
        pg_current_xact_id(), clock_timestamp(), session_user, current_setting('application_name'),
        tg_table_schema || '.' || tg_table_name, tg_op,
        coalesce(to_jsonb(new), to_jsonb(old)) ->> tg_argv[0], to_jsonb(old), to_jsonb(new)
    );
    return null;
end;
$$;
reset role;

do $$
declare
    v_table record;
begin
    for v_table in
        select c.oid::regclass as name, a.attname as key_column
        from pg_class as c
        inner join pg_index as i on i.indrelid = c.oid and i.indisprimary
        inner join pg_attribute as a on a.attrelid = c.oid and a.attnum = i.indkey[0]
        where c.relnamespace = 'retail'::regnamespace and c.relkind = 'r'
    loop
        execute format(
            'create trigger unchained_log after insert or update or delete on %s'
            ' for each row execute function unchained.tg_log(%L)',
            v_table.name, v_table.key_column
        );
    end loop;
end;
$$;
