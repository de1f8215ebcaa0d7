-- Fixes how values are formatted, so that the same row gives the same JSON in every session: in
-- UTC, in shortest precision, in PostgreSQL's own styles. Sets what differs for this transaction,
-- and says what it was. A `set` on the trigger function would pay for all of it on every statement.
create or replace function plumb.pin_formats()
returns jsonb
language plpgsql
volatile
as $$
declare
    v_saved jsonb := '{}';
    v_setting record;
begin
    for v_setting in
        select s.name, s.value, current_setting(s.name) as found
        from (values
            ('TimeZone', 'UTC'),
            ('DateStyle', 'ISO, MDY'),
            ('IntervalStyle', 'postgres'),
            ('bytea_output', 'hex'),
            ('extra_float_digits', '1'),
            ('lc_monetary', 'C')
        ) as s (name, value)
        where current_setting(s.name) <> s.value
    loop
        v_saved := v_saved || jsonb_build_object(v_setting.name, v_setting.found);
        perform set_config(v_setting.name, v_setting.value, true);
    end loop;
    return v_saved;
end;
$$;
comment on function plumb.pin_formats() is
'Set what shapes JSON to fixed values until the transaction ends; returns what was there.';
