-- Refuses a value that a setting does not take, by whatever role and statement it is written. Of a
-- secret URL the table, which readers may read, keeps only what may be shown.
create or replace function plumb.tg_check_setting()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_is_secret constant boolean := new.kind = 'secret URL';
    v_fault text;
begin
    -- What is shown stays as it is; it is no value of its own.
    if tg_op = 'UPDATE' and new.value is not distinct from old.value and c_is_secret then
        return new;
    end if;
    -- A declaration that finds its row inserts nothing, yet comes here first.
    if c_is_secret and (tg_op = 'UPDATE' or new.value is not null) then
        delete from plumb.setting_secrets as s where s.name = new.name;
    end if;
    if new.value is null then
        return new;
    end if;
    v_fault := plumb.setting_fault(new, new.value);
    if v_fault is not null then
        raise exception 'setting % takes %, not %', new.name, v_fault, case
            when c_is_secret then 'what was given' else quote_literal(new.value)
        end
            using errcode = 'PL002',
            hint = rtrim(format('Its default is %s %s', new.default_value, new.unit))
            || '. ' || new.description;
    end if;
    if c_is_secret and new.value <> '' then
        insert into plumb.setting_secrets (name, value) values (new.name, new.value);
        new.value := plumb.shown_url(new.value);
    end if;
    return new;
end;
$$;
comment on function plumb.tg_check_setting() is
'Trigger of plumb.settings: PL002 for a value that the setting does not take; keeps secrets apart.';
