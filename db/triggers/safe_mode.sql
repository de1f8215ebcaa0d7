-- Safe mode's brake on the application's tables, and what keeps it honest. A statement that
-- ended before the switch stands if its transaction writes nothing more: waiting for it would
-- let one idle session hold the brake. All triggers here fire for the replica role too.

-- The flag is read first because it costs no snapshot and no lock. When it is raised, the row
-- decides: FOR SHARE waits for a switch in progress, and fails with 40001 in a transaction
-- whose snapshot is older than the switch, which is the retry such transactions expect.
create or replace function plumb.tg_refuse_in_safe_mode()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_mode text;
    v_reason text;
begin
    if (select f.last_value from plumb.safe_mode_flag as f) = 1 then
        select m.mode, m.reason into v_mode, v_reason
        from plumb.system_mode as m
        where m.id = 1
        for share;
        if v_mode = 'safe' then
            raise exception 'safe mode is on, % on %.% refused: %',
                lower(tg_op), tg_table_schema, tg_table_name, v_reason
                using errcode = 'read_only_sql_transaction',
                hint = 'Try again when it is off: select * from plumb.safe_mode;';
        end if;
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    return new;
end;
$$;
comment on function plumb.tg_refuse_in_safe_mode() is
'Refuse a write with SQLSTATE 25006 while safe mode is on.';

-- Raised at once, so that everybody starts looking, and lowered only when the switch back is
-- certain: see plumb.lower_safe_mode_flag().
create or replace function plumb.tg_raise_flag()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.mode = 'safe' then
        perform setval('plumb.safe_mode_flag', 1);
    end if;
    return new;
end;
$$;
comment on function plumb.tg_raise_flag() is 'Make writers look at system_mode from now on.';

create or replace trigger system_mode_raises_flag
before insert or update on plumb.system_mode
for each row execute function plumb.tg_raise_flag();
alter table plumb.system_mode enable always trigger system_mode_raises_flag;

create or replace function plumb.tg_hash_override_token()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.override_token = '' then
        raise exception 'the override token is empty'
            using errcode = 'PL002', hint = 'Choose a secret of at least a few characters.';
    elsif
        new.override_token is not null
        and new.override_token is distinct from old.override_token
    then
        new.override_token := plumb.hash_override_token(
            new.override_token, replace(gen_random_uuid()::text, '-', '')
        );
        new.override_failure_count := 0;
        new.override_locked_until := null;
    end if;
    return new;
end;
$$;
comment on function plumb.tg_hash_override_token() is 'Store the token''s hash, never the token.';

create or replace trigger system_mode_hashes_token
before update of override_token on plumb.system_mode
for each row execute function plumb.tg_hash_override_token();
alter table plumb.system_mode enable always trigger system_mode_hashes_token;

create or replace function plumb.tg_keep_system_mode()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'plumb.system_mode holds exactly one row: % refused', tg_op
        using errcode = 'object_not_in_prerequisite_state',
        hint = 'Update it: mode is normal or safe.';
end;
$$;
comment on function plumb.tg_keep_system_mode() is 'Refuse to lose the one row of system_mode.';

create or replace trigger system_mode_is_one_row
before delete or truncate on plumb.system_mode
for each statement execute function plumb.tg_keep_system_mode();
alter table plumb.system_mode enable always trigger system_mode_is_one_row;

-- Every table of the guarded schemas, as they are now.
select plumb.guard_schemas();
