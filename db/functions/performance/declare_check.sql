-- Declares a check of the server: plumb.check_<name>() measures it, two settings say from which
-- value it warns and is critical. A priority that an operator chose stays.
create or replace function plumb.declare_check(
    p_name text,
    p_priority text,
    p_warning text,
    p_critical text,
    p_unit text,
    p_minimum numeric,
    p_maximum numeric
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    select
        plumb.declare_setting(
            format('check_%s_%s', p_name, l.level),
            l.threshold,
            p_unit,
            format('From this value on the check %s is %s.', p_name, l.word),
            'number',
            p_minimum,
            p_maximum
        )
    from (
        values ('warning', p_warning, 'a warning'), ('critical', p_critical, 'critical')
    ) as l (level, threshold, word);

    insert into plumb.declared_checks (check_name, priority)
    values (p_name, p_priority)
    on conflict (check_name) do nothing
$$;
comment on function plumb.declare_check(text, text, text, text, text, numeric, numeric) is
'List a check of the server: its priority, and from which values it warns and is critical.';
revoke execute on function plumb.declare_check(text, text, text, text, text, numeric, numeric)
from public;
