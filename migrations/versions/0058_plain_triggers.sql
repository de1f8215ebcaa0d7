-- What most statements need is recorded by one plain statement: a trigger names more than a table
-- and its key only where rows are not recorded as they are. Bodies come with the other functions.
set local role plumb_owner;
-- A clock in the query would keep it from being planned as one.
alter table plumb.audit_intake alter column occurred_at set default clock_timestamp();

do $$
declare
    v_kind text;
begin
    foreach v_kind in array array['insert', 'update', 'delete'] loop
        execute format(
            'create or replace function plumb.tg_audit_%s() returns trigger language plpgsql'
            ' volatile set search_path = pg_catalog, pg_temp as %L',
            v_kind,
            'begin raise exception ''it has no body yet'' using errcode = ''PL005'','
            ' hint = ''The migration that made it ends with it.''; end;'
        );
    end loop;
end;
$$;
reset role;

-- What this does to the triggers of audited tables is no change that anybody has to be told of.
select set_config('plumb.audit_attaching', 'on', true);
set local session_replication_role = replica;
do $$
declare
    c_text constant text := 'E?''(?:[^'']|'''')*''';
    v_trigger record;
begin
    for v_trigger in
        select
            t.tgrelid::regclass as relation,
            t.tgname as name,
            t.tgenabled as enabled,
            replace(
                a.definition, 'tg_audit_changes(', format('tg_audit_%s(', case
                    when t.tgtype & 4 > 0 then 'insert'
                    when t.tgtype & 16 > 0 then 'update'
                    else 'delete'
                end)
            ) as definition
        from pg_trigger as t
        cross join lateral (
            select regexp_replace(
                regexp_replace(
                    pg_get_triggerdef(t.oid),
                    format('^(.*\(%1$s, %1$s, )''zone''', c_text),
                    '\1'''''
                ),
                format('^(.*\(%1$s, %1$s), ''''\)$', c_text),
                '\1)'
            )
        ) as r (definition)
        cross join lateral (
            select regexp_replace(
                r.definition, format('^(.*\(%1$s, %1$s, ''all'')\)$', c_text), '\1, ''{}'', ''{}'')'
            )
        ) as a (definition)
        where
            t.tgparentid = 0
            and t.tgfoid in (
                to_regprocedure('plumb.tg_audit_changes()'),
                to_regprocedure('plumb.tg_audit_row()'),
                to_regprocedure('plumb.tg_audit_statement()'),
                to_regprocedure('plumb.tg_audit_truncate()')
            )
            and a.definition <> pg_get_triggerdef(t.oid)
            or t.tgfoid = to_regprocedure('plumb.tg_audit_changes()')
    loop
        execute regexp_replace(v_trigger.definition, '^CREATE ', 'create or replace ');
        execute format(
            'alter table %s %s trigger %I',
            v_trigger.relation,
            case v_trigger.enabled
                when 'A' then 'enable always'
                when 'R' then 'enable replica'
                when 'D' then 'disable'
                else 'enable'
            end,
            v_trigger.name
        );
    end loop;
end;
$$;
set local session_replication_role = origin;
select set_config('plumb.audit_attaching', '', true);
drop function plumb.tg_audit_changes();
