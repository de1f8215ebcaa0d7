-- The audit log that people write by hand: statement-level, jsonb, no chain. What ours is held
-- against, for the difference is what the chain costs.
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
    if tg_op = 'INSERT' then
        insert into unchained.log (
            txid, occurred_at, actor, application, relation, op, record_key, new_row
        )
        select
            pg_current_xact_id(), clock_timestamp(), session_user,
            current_setting('application_name'), tg_table_schema || '.' || tg_table_name, tg_op,
            r.new_row ->> tg_argv[0], r.new_row
        from (select to_jsonb(n) as new_row from new_rows as n) as r;
    elsif tg_op = 'DELETE' then
        insert into unchained.log (
            txid, occurred_at, actor, application, relation, op, record_key, old_row
        )
        select
            pg_current_xact_id(), clock_timestamp(), session_user,
            current_setting('application_name'), tg_table_schema || '.' || tg_table_name, tg_op,
            r.old_row ->> tg_argv[0], r.old_row
        from (select to_jsonb(o) as old_row from old_rows as o) as r;
    else
        insert into unchained.log (
            txid, occurred_at, actor, application, relation, op, record_key, old_row, new_row
        )
        select
            pg_current_xact_id(), clock_timestamp(), session_user,
            current_setting('application_name'), tg_table_schema || '.' || tg_table_name, tg_op,
            r.old_row ->> tg_argv[0], r.old_row, r.new_row
        from (
            select o.old_row, n.new_row
            from (select row_number() over () as i, to_jsonb(t) as old_row from old_rows as t) as o
            inner join (
                select row_number() over () as i, to_jsonb(t) as new_row from new_rows as t
            ) as n on n.i = o.i
        ) as r;
    end if;
    return null;
end;
$$;

do $$
declare
    v_table record;
begin
    for v_table in
        select c.oid::regclass as relation, a.attname as key
        from pg_class as c
        inner join pg_index as i on i.indrelid = c.oid and i.indisprimary
        inner join pg_attribute as a on a.attrelid = c.oid and a.attnum = i.indkey[0]
        where c.relnamespace = 'retail'::regnamespace and c.relkind = 'r'
    loop
        execute format(
            'create trigger log_insert after insert on %s referencing new table as new_rows '
            'for each statement execute function unchained.tg_log(%L)',
            v_table.relation, v_table.key
        );
        execute format(
            'create trigger log_update after update on %s '
            'referencing old table as old_rows new table as new_rows '
            'for each statement execute function unchained.tg_log(%L)',
            v_table.relation, v_table.key
        );
        execute format(
            'create trigger log_delete after delete on %s referencing old table as old_rows '
            'for each statement execute function unchained.tg_log(%L)',
            v_table.relation, v_table.key
        );
    end loop;
end;
$$;

reset role;
