-- Judges the value of a check, all alike: the settings check_<name>_warning and
-- check_<name>_critical are the values from which it is one or the other; a value that could not be
-- measured is unknown.
create or replace function plumb.judge_check(
    p_check_name text, p_value numeric, p_unit text, p_why text, p_remedy text
)
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select (
        p_check_name,
        case
            when p_value is null then 'unknown'
            when p_value >= t.critical then 'critical'
            when p_value >= t.warning then 'warning'
            else 'ok'
        end,
        round(p_value, 2),
        t.warning,
        p_unit,
        -- A thousand disabled triggers still make a readable row.
        left(p_why, 1000),
        case when p_value is null or p_value >= t.warning then p_remedy end
    )::plumb.database_check
    from (
        select
            plumb.setting_number(format('check_%s_warning', p_check_name)) as warning,
            plumb.setting_number(format('check_%s_critical', p_check_name)) as critical
    ) as t
$$;
comment on function plumb.judge_check(text, numeric, text, text, text) is
'A check''s row: the value judged by its two settings; the remedy only where one is needed.';
