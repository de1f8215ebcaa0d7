-- Replaces values that a new release no longer accepts by their defaults. An incident keeps each
-- value for the operator who must choose another.
create or replace function plumb.reset_unfit_settings()
returns setof text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_unfit constant plumb.settings [] := array(
        select s
        from plumb.settings as s
        where
            s.value is not null
            -- A schema may be created later; it guards nothing until then.
            and s.kind <> 'schemas'
            -- Checked when it was set; what the table shows of it is no value.
            and not exists (select from plumb.setting_secrets as x where x.name = s.name)
            and plumb.setting_fault(s, s.value) is not null
        order by s.name
    );
    v_setting plumb.settings;
    v_report text;
begin
    -- All of them first, for opening an incident reads settings.
    update plumb.settings as s
    set value = null, updated_at = plumb.current_time()
    where s.name in (select u.name from unnest(v_unfit) as u);
    foreach v_setting in array v_unfit loop
        v_report := format(
            'setting %s was %L, takes %s, and is its default %L now',
            v_setting.name,
            case v_setting.kind when 'secret URL' then 'not shown' else v_setting.value end,
            plumb.setting_fault(v_setting, v_setting.value),
            v_setting.default_value
        );
        perform plumb.open_incident(
            'settings',
            v_setting.name,
            'P3',
            format('Setting %s was reset to its default', v_setting.name),
            v_report || '. Set it anew with plumb.change_setting(), then close this incident.'
        );
        return next v_report;
    end loop;
end;
$$;
comment on function plumb.reset_unfit_settings() is
'Reset settings whose values no longer fit, open an incident for each; says which.';
