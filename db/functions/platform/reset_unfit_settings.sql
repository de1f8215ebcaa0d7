-- Replaces values that a new release no longer accepts by their defaults. An incident keeps each
-- value for the operator who must choose another.
create or replace function plumb.reset_unfit_settings()
returns setof text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_names text [];
    v_reports text [];
    v_report text;
begin
    select array_agg(u.name order by u.name), array_agg(u.report order by u.name)
    into v_names, v_reports
    from (
        select
            s.name,
            format(
                'setting %s was %L, takes %s, and is its default %L now',
                s.name,
                case s.kind when 'secret URL' then 'not shown' else s.value end,
                f.fault,
                s.default_value
            ) as report
        from plumb.settings as s
        -- What the table shows of a secret is no value.
        left join plumb.setting_secrets as x on x.name = s.name
        cross join plumb.setting_fault(s, coalesce(x.value, s.value)) as f (fault)
        where
            s.value is not null
            and f.fault is not null
            -- A schema may be created later; it guards nothing until then.
            and s.kind <> 'schemas'
    ) as u;
    -- All of them first, for opening an incident reads settings.
    update plumb.settings as s
    set value = null, updated_at = plumb.current_time()
    where s.name = any(v_names);
    for v_number in 1 .. coalesce(cardinality(v_names), 0) loop
        v_report := v_reports[v_number];
        perform plumb.open_incident(
            'settings',
            v_names[v_number],
            'P3',
            format('Setting %s was reset to its default', v_names[v_number]),
            v_report || '. Set it anew with plumb.change_setting(), then close this incident.'
        );
        return next v_report;
    end loop;
end;
$$;
comment on function plumb.reset_unfit_settings() is
'Reset settings whose values no longer fit, open an incident for each; says which.';
