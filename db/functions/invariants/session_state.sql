-- Lists what remains in a session after a function has ended, by name: settings, cursors that
-- outlive a transaction, and temporary objects, whose names come before all others.
create or replace function plumb.session_state()
returns jsonb
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    select
        (
            select jsonb_object_agg(s.name, s.setting)
            from pg_settings as s
            where s.context in ('user', 'superuser')
        )
        || (
            select jsonb_object_agg(n.name, coalesce(current_setting(n.name, true), ''))
            from unnest(
                array[
                    'plumb.app_user',
                    'plumb.audit_attaching',
                    'plumb.audit_dismantling',
                    'plumb.audit_truncating',
                    'plumb.current_time'
                ]
            ) as n (name)
        )
        || jsonb_build_object(
            'cursors',
            (select count(*) from pg_cursors as c where c.is_holdable),
            'temporary objects',
            (
                (select count(*) from pg_class as c where c.relnamespace = pg_my_temp_schema())
                + (select count(*) from pg_type as t where t.typnamespace = pg_my_temp_schema())
                + (select count(*) from pg_proc as p where p.pronamespace = pg_my_temp_schema())
            )
        )
$$;
comment on function plumb.session_state() is
'Settings, held cursors and temporary objects of this session, by name.';
