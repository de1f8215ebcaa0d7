-- Refuses a value that a setting does not take, whoever writes it and in whichever way.
create or replace function plumb.tg_check_setting()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_fault text;
begin
    if new.value is null then
        return new;
    end if;
    v_fault := plumb.setting_fault(new, new.value);
    if v_fault is not null then
        raise exception 'setting % takes %, not %', new.name, v_fault, quote_literal(new.value)
            using errcode = 'PL002',
            hint = rtrim(format('Its default is %s %s', new.default_value, new.unit))
            || '. ' || new.description;
    end if;
    return new;
end;
$$;
comment on function plumb.tg_check_setting() is
'Trigger of plumb.settings: PL002 for a value that the setting does not take.';
