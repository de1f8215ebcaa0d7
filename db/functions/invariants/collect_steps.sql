-- Collects the steps between two seals that a rule about a status does not allow. A step is
-- forgotten when the row has the value before it again, or is deleted; any other way out of a wrong
-- state would hide how it was reached. What was changed before the rule was declared is not judged.
create or replace function plumb.collect_steps(
    p_invariant text, p_from_seal bigint, p_to_seal bigint
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rule plumb.rules;
    v_change record;
begin
    select r.* into v_rule
    from plumb.rules as r
    where r.invariant = p_invariant and r.template = 'transitions';
    if not found or p_from_seal is null then
        return;
    end if;
    for v_change in
        select
            c.op,
            c.record_key,
            c.occurred_at,
            c.old_row ->> (v_rule.arguments ->> 'column') as from_value,
            c.new_row ->> (v_rule.arguments ->> 'column') as to_value
        from plumb.changes(p_from_seal + 1, p_to_seal) as c
        where
            c.relation = v_rule.arguments ->> 'table'
            and (c.old_row ->> (v_rule.arguments ->> 'column'))
            is distinct from (c.new_row ->> (v_rule.arguments ->> 'column'))
        order by c.seal_id, c.txid, c.n
    loop
        delete from plumb.wrong_steps as s
        where
            s.invariant = p_invariant
            and s.subject = v_change.record_key
            and (v_change.op = 'DELETE' or s.from_value = v_change.to_value);
        if
            not found
            and v_change.op = 'UPDATE'
            and not v_rule.arguments -> 'steps' ? concat_ws(
                '->', v_change.from_value, v_change.to_value
            )
        then
            insert into plumb.wrong_steps as s (
                invariant, subject, from_value, to_value, changed_at
            )
            values (
                p_invariant,
                v_change.record_key,
                coalesce(v_change.from_value, 'null'),
                coalesce(v_change.to_value, 'null'),
                v_change.occurred_at
            )
            -- The first wrong step is the one to take back.
            on conflict (invariant, subject) do nothing;
        end if;
    end loop;
end;
$$;
comment on function plumb.collect_steps(text, bigint, bigint) is
'Find the steps of a status, changed after one seal up to another, that a rule does not allow.';
