-- Proposes statements that would make an invariant hold again: from the log, what takes back the
-- changes that are blamed for the violating rows, the newest first; from a rule, what it says by
-- itself. They are alternatives to choose from and not one script: the log shows who changed a row,
-- not which change was wrong. Nothing is carried out here.
create or replace function plumb.propose_repair(
    p_incident_id bigint, p_violations_max integer default 20
)
returns table (subject text, source text, statement text, problem text, explanation text)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_source text;
    v_invariant text;
    v_violation record;
begin
    select i.source, i.scope into v_source, v_invariant
    from plumb.incidents as i
    where i.incident_id = p_incident_id;
    if not found then
        raise exception 'there is no incident %', p_incident_id
            using errcode = 'PL001', hint = 'select * from plumb.open_incidents;';
    elsif v_source <> 'invariant' then
        raise exception 'incident % is about %, not about rows', p_incident_id, v_source
            using errcode = 'PL005',
            hint = plumb.next_command(v_source, v_invariant, p_incident_id);
    end if;
    for v_violation in
        select v.*
        from plumb.invariant_violations as v
        where v.incident_id = p_incident_id and v.cleared_at is null
        order by v.invariant_violation_id
        limit p_violations_max
    loop
        return query
        select
            v_violation.subject,
            'log',
            u.statement || ';',
            u.problem,
            v_violation.explanation
        from plumb.undo_script(
            array(
                select (b.value ->> 'transaction')::xid8
                from jsonb_array_elements(v_violation.blame) as b
            )
        ) as u
        -- A baseline changed nothing.
        where u.op <> 'SNAPSHOT' and exists (
            select from plumb.invariant_watches as w
            cross join lateral (
                select case
                    when w.view_column = 'subject' then v_violation.subject
                    else v_violation.details ->> w.view_column
                end as key
            ) as k
            where
                w.invariant = v_invariant
                and w.relation = u.relation
                and k.key in (u.old_row ->> w.key_column, u.new_row ->> w.key_column)
        )
        order by u.step;
        return query
        select
            v_violation.subject,
            'rule',
            r.statement || ';',
            null,
            v_violation.explanation
        from (
            select plumb.repair_by_rule(v_invariant, v_violation.subject) as statement
        ) as r
        where r.statement is not null;
    end loop;
end;
$$;
comment on function plumb.propose_repair(bigint, integer) is
'Statements that could make an incident''s invariant true again, from log and rule.';
revoke execute on function plumb.propose_repair(bigint, integer) from public;
grant execute on function plumb.propose_repair(bigint, integer) to plumb_auditor;
