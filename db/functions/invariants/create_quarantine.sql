-- Makes the auto-correct of a rule about orphans. It runs as the owner of the table, who may remove
-- its rows; the rows are kept by plumb.quarantine_row().
-- Runs as the superuser, for the table is not ours.
reset role;
create or replace function plumb.create_quarantine(p_invariant text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set check_function_bodies = off
set standard_conforming_strings = on
as $$
declare
    v_function constant text := format(
        'plumb_rules.%I(text[])', 'quarantine_' || lower(p_invariant)
    );
    v_rule plumb.rules;
    v_owner regrole;
begin
    select r.* into v_rule from plumb.rules as r where r.invariant = p_invariant;
    select c.relowner into v_owner
    from pg_class as c
    where c.oid = plumb.find_relation(v_rule.arguments ->> 'table');
    execute format(
        'create or replace function plumb_rules.%I(p_subjects text[]) returns bigint language sql'
        ' volatile security definer set search_path = pg_catalog, pg_temp set row_security = off as'
        ' %L',
        'quarantine_' || lower(p_invariant),
        format(
            e'\nwith orphans as (\n    delete from %s as t\n    where %s and %s\n    returning %s'
            ' as subject, to_jsonb(t.*) as row_data\n)\n\nselect coalesce(sum(plumb.quarantine_row('
            '%L, o.subject, o.row_data)), 0)::bigint from orphans as o\n',
            v_rule.arguments ->> 'table',
            case
                when jsonb_array_length(v_rule.arguments -> 'key') = 1
                    then format(
                        '%s = any(p_subjects::%s [])',
                        v_rule.rendered #>> '{subject}',
                        v_rule.rendered #>> '{columns,0,1}'
                    )
                else format('%s = any(p_subjects)', v_rule.rendered #>> '{subject}')
            end,
            v_rule.rendered ->> 'condition',
            -- As the check writes it, which knows it from JSON.
            format('to_jsonb(%s) #>> ''{}''', v_rule.rendered #>> '{subject}'),
            p_invariant
        )
    );
    execute format('comment on function %s is %L', v_function,
        'Move orphaned rows to plumb.quarantined_rows; returns how many were moved.');
    execute format('revoke execute on function %s from public', v_function);
    execute format('grant execute on function %s to plumb_owner', v_function);
    execute format('alter function %s owner to %s', v_function, v_owner);
    -- Only what is missing: a migration that follows rules takes a function whose rights change
    -- meanwhile for one that no file declares.
    if not has_schema_privilege(v_owner, 'plumb', 'usage') then
        execute format('grant usage on schema plumb to %s', v_owner);
    end if;
    if not has_function_privilege(
        v_owner, 'plumb.quarantine_row(text, text, jsonb)', 'execute'
    ) then
        execute format(
            'grant execute on function plumb.quarantine_row(text, text, jsonb) to %s', v_owner
        );
    end if;
end;
$$;
comment on function plumb.create_quarantine(text) is
'Make the auto-correct of a rule about orphans, as a function of the owner of the table.';
revoke execute on function plumb.create_quarantine(text) from public;
grant execute on function plumb.create_quarantine(text) to plumb_owner;
