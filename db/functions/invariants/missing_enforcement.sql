-- Lists what should watch and enforce invariants and does not: triggers that are missing, differ or
-- got a condition, tables and columns that are gone.
create or replace function plumb.missing_enforcement()
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select format('enforcement of %s on %s', e.invariant, e.member)
    from plumb.enforcing_triggers() as e
    where not exists (
        select from plumb.attached_enforcement() as a
        inner join pg_trigger as t on t.tgrelid = a.relation and t.tgname = a.trigger_name
        where
            a.invariant = e.invariant
            and a.relation = e.member
            and a.arguments = e.arguments
            -- Its bits: row 1, insert 4, delete 8, update 16.
            and t.tgtype = 29
            and t.tgqual is null
            and t.tgattr = ''
    )
    union
    select format('enforcement of %s on %s', i.name, m.member)
    from plumb.invariants as i
    inner join plumb.invariant_watches as w on w.invariant = i.name
    cross join lateral plumb.audit_members(plumb.find_relation(w.relation)) as m
    where
        i.enforcement = 'statement'
        and i.is_enabled
        and not exists (
            select from pg_trigger as t
            where
                t.tgrelid = m.member
                and t.tgfoid = 'plumb.tg_enforce_statement()'::regprocedure
                and t.tgname = 'plumb_check_' || lower(i.name)
                and t.tgtype = 28
                and t.tgqual is null
        )
    union
    select format('watch of %s on %s.%s', w.invariant, w.relation, w.key_column)
    from plumb.invariant_watches as w
    where not exists (
        select from pg_attribute as a
        where
            a.attrelid = plumb.find_relation(w.relation)
            and a.attname = w.key_column
            and not a.attisdropped
    )
    union
    select format('column %s of the view of %s', w.view_column, w.invariant)
    from plumb.invariant_watches as w
    inner join plumb.invariants as i on i.name = w.invariant
    where
        plumb.find_relation(i.view_name) is not null
        and not exists (
            select from pg_attribute as a
            where
                a.attrelid = plumb.find_relation(i.view_name)
                and a.attname = w.view_column
                and not a.attisdropped
        )
    union
    select 'trigger pending_checks_enforce on plumb.pending_checks'
    where not exists (
        select from pg_trigger as t
        where
            t.tgrelid = 'plumb.pending_checks'::regclass
            and t.tgfoid = 'plumb.tg_enforce_invariant()'::regprocedure
            and t.tgenabled = 'A'
    )
    union
    select 'event trigger plumb_follow_invariants'
    where
        plumb.has_event_triggers()
        and not exists (
            select from pg_event_trigger as e
            where e.evtfoid = 'plumb.tg_follow_invariants()'::regprocedure
        )
    order by 1
$$;
comment on function plumb.missing_enforcement() is
'Triggers and watched columns of invariants that are declared and not there.';
revoke execute on function plumb.missing_enforcement() from public;
grant execute on function plumb.missing_enforcement() to plumb_reader;
