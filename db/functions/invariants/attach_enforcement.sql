-- Brings the triggers of the watched tables to what the invariant's enforcement says. What is
-- right already stays untouched, for attaching takes a lock that stops writers. Nothing is attached
-- while a cast would run with our rights (plumb.untrusted_casts), for the triggers make JSON of
-- rows; plumb.missing_enforcement() tells of it.
-- Runs as the superuser, for the tables are not ours.
reset role;
create or replace function plumb.attach_enforcement(p_invariant text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
    v_change record;
begin
    for v_change in
        with wanted as (
            select w.member as relation, w.arguments
            from plumb.enforcing_triggers() as w
            where w.invariant = p_invariant and not exists (select from plumb.untrusted_casts())
        ),

        attached as (
            select t.relation, t.trigger_name, t.arguments
            from plumb.attached_enforcement() as t
            where t.invariant = p_invariant
        )

        select
            case
                when a.relation is not null
                    then format('drop trigger %I on %s', a.trigger_name, a.relation::regclass)
            end as detach,
            case
                when w.relation is not null
                    then format(
                        'create trigger %I after insert or update or delete on %s for each row'
                        ' execute function plumb.%I(%s)',
                        'plumb_collect_' || lower(p_invariant),
                        w.relation,
                        case
                            when w.arguments[2] = '' then 'tg_collect_amounts'
                            else 'tg_collect_keys'
                        end,
                        (select string_agg(quote_literal(v), ', ') from unnest(w.arguments) as v)
                    )
            end as attach
        from wanted as w
        full join attached as a on a.relation = w.relation
        where a.arguments is distinct from w.arguments
        -- What a partitioned table itself carries is cloned, under the names that parts need.
        order by w.relation is not null, coalesce(w.relation, a.relation)::regclass::text
    loop
        if v_change.detach is not null then
            execute v_change.detach;
        end if;
        if v_change.attach is not null then
            execute v_change.attach;
        end if;
    end loop;
    -- What checks when a statement ends hangs on the table that the statement names.
    for v_change in
        with wanted as (
            select m.member as relation
            from plumb.invariants as i
            inner join plumb.invariant_watches as k on k.invariant = i.name
            cross join lateral plumb.audit_members(plumb.find_relation(k.relation)) as m
            where
                i.name = p_invariant
                and i.enforcement = 'statement'
                and i.is_enabled
                and not exists (select from plumb.untrusted_casts())
            group by m.member
        ),

        attached as (
            select t.tgrelid::regclass as relation
            from pg_trigger as t
            where
                t.tgfoid = 'plumb.tg_enforce_statement()'::regprocedure
                and t.tgname = 'plumb_check_' || lower(p_invariant)
        )

        select
            format(
                'drop trigger %I on %s', 'plumb_check_' || lower(p_invariant), a.relation
            ) as detach,
            format(
                'create trigger %I after insert or update or delete on %s for each statement'
                ' execute function plumb.tg_enforce_statement(%L)',
                'plumb_check_' || lower(p_invariant),
                w.relation,
                p_invariant
            ) as attach,
            w.relation is null as is_detached
        from wanted as w
        full join attached as a on a.relation = w.relation
        where a.relation is null or w.relation is null
    loop
        execute case when v_change.is_detached then v_change.detach else v_change.attach end;
    end loop;
end;
$$;
comment on function plumb.attach_enforcement(text) is
'Attach or detach an invariant''s triggers as its enforcement says; again changes nothing.';
revoke execute on function plumb.attach_enforcement(text) from public;
grant execute on function plumb.attach_enforcement(text) to plumb_owner;
