-- Checks what a transaction changed and nothing has checked yet, and refuses it where the invariant
-- would not hold. A row of enforcement_locks serves as the lock and shows that another transaction
-- has changed data: READ COMMITTED waits for it and then reads what the other has committed;
-- REPEATABLE READ and SERIALIZABLE, which would go on reading the past, fail with 40001 because the
-- row changed.
create or replace function plumb.check_pending(
    p_invariant text, p_relation oid, p_is_at_commit boolean
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
-- A few keys are never worth compiling for; the planner cannot know that they are few.
set jit = off
as $$
declare
    v_prefix constant text := 'plumb.pending_' || lower(p_invariant);
    v_amounts constant jsonb := plumb.pending_amounts(p_invariant);
    v_keys constant jsonb := plumb.unchecked_keys(p_invariant, v_amounts);
    v_lock_id integer;
    v_subject text;
    v_explanation text;
    v_schema text;
    v_table text;
begin
    if
        v_keys <> '{}'
        and (
            not p_is_at_commit
            or current_setting('plumb.has_commit_locks', true) is distinct from 'true'
        )
    then
        -- At commit, of every invariant at once, to keep the order. Keys that differ in
        -- case or blanks share a lock, for a rule may take them for one.
        for v_lock_id in
            select distinct
                (
                    hashtextextended(
                        format(
                            '%s %s %s',
                            i.name,
                            c.key,
                            lower(regexp_replace(k.key, '[\s\u00a0]+', '', 'g'))
                        ),
                        0
                    )
                    & 1048575
                )::integer as lock_id
            from plumb.invariants as i
            cross join lateral jsonb_each(
                plumb.unchecked_keys(i.name, plumb.pending_amounts(i.name))
            ) as c
            cross join lateral jsonb_array_elements_text(c.value) as k (key)
            where
                i.name = p_invariant
                or (
                    p_is_at_commit
                    and i.enforcement = 'commit'
                    and current_setting('plumb.pending_' || lower(i.name) || '.place', true) <> ''
                )
            order by lock_id
        loop
            insert into plumb.enforcement_locks as l (enforcement_lock_id)
            values (v_lock_id)
            on conflict (enforcement_lock_id) do update
            set check_count = l.check_count + 1;
        end loop;
        if p_is_at_commit then
            perform set_config('plumb.has_commit_locks', 'true', true);
        end if;
    end if;

    -- A rule that names what is gone, or whose view went with it (DROP TABLE … CASCADE), forbids
    -- nothing: the next check reports it, and the application goes on.
    if v_keys <> '{}' and plumb.invariant_fault(p_invariant) is null and exists (
        select from plumb.invariants as i
        where i.name = p_invariant and plumb.find_relation(i.view_name) is not null
    ) then
        select r.subject, r.explanation
        into v_subject, v_explanation
        from plumb.read_violations(p_invariant, v_keys, 1) as r;
        if found then
            select c.relnamespace::regnamespace, c.relname into v_schema, v_table
            from pg_class as c
            where c.oid = p_relation;
            raise exception '% would not hold for %: %', p_invariant, v_subject, v_explanation
                using errcode = 'check_violation',
                schema = v_schema,
                table = v_table,
                constraint = p_invariant,
                hint = 'The transaction must leave it true; nothing of it was kept.';
        end if;
        -- Wrong from before, and repaired here: from now on it is held to the rule.
        if exists (
            select from plumb.accepted_violations as a
            where a.invariant = p_invariant and a.is_baseline and v_keys -> 'subject' ? a.subject
        ) then
            perform plumb.release_baseline(
                p_invariant, jsonb_build_object('subject', v_keys -> 'subject')
            );
        end if;
    end if;
    -- By its place: no index is read, which a SERIALIZABLE transaction could conflict over.
    delete from plumb.pending_checks as c
    where c.ctid = nullif(current_setting(v_prefix || '.place', true), '')::tid;
    perform set_config(v_prefix || '.place', '', true);
    perform set_config(v_prefix || '.c0', '', true);
    perform set_config(v_prefix || '.chunks', '', true);
    if v_amounts is not null then
        -- What is not even goes on being counted: with later changes it may become so, which
        -- says that all is as it was before the transaction.
        perform set_config(v_prefix || '.amount_chunks', '', true);
        perform set_config(
            v_prefix || '.a0',
            (
                select coalesce(string_agg(a.item::text || ',', ''), '')
                from jsonb_array_elements(v_amounts) as a (item)
            ),
            true
        );
    end if;
end;
$$;
comment on function plumb.check_pending(text, oid, boolean) is
'Refuse (23514) what leaves an invariant broken for a key that the transaction touched.';
revoke execute on function plumb.check_pending(text, oid, boolean) from public;
