-- Names who changed the subject of a violation last. The log knows: the changes between two
-- seals that touched a watched key of the violating row, newest first. A check may have found the
-- change of a transaction that was not sealed yet, and blamed an older one: with p_is_correction
-- the changes from before the violation was seen come first, and what was blamed stays behind them.
create or replace function plumb.blame_violations(
    p_invariant text, p_from_seal bigint, p_to_seal bigint, p_is_correction boolean default false
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_from_seal bigint;
    v_count bigint;
begin
    if not exists (
        select from plumb.invariant_violations as v
        where
            v.invariant = p_invariant
            and v.cleared_at is null
            and (p_is_correction or v.blame = '[]')
    ) then
        return 0;
    end if;
    v_from_seal := greatest(
        coalesce(p_from_seal, 0), p_to_seal - plumb.setting_number('blame_seals_max')::bigint
    );
    with touched as materialized (
        select
            w.view_column,
            k.key,
            c.txid,
            c.n,
            c.occurred_at,
            c.actor,
            c.app_user,
            c.relation,
            c.op
        from plumb.changes(v_from_seal + 1, p_to_seal) as c
        inner join plumb.invariant_watches as w
            on w.invariant = p_invariant and w.relation = c.relation
        cross join lateral (
            select c.old_row ->> w.key_column as key
            union
            select c.new_row ->> w.key_column
        ) as k
    ),

    blamed as (
        select
            b.invariant_violation_id,
            jsonb_agg(to_jsonb(b) - 'invariant_violation_id' - 'place' order by b.place) as blame
        from (
            select
                v.invariant_violation_id,
                t.txid::text as transaction,
                t.actor,
                t.app_user as application,
                t.relation,
                t.op,
                t.occurred_at,
                row_number() over (
                    partition by v.invariant_violation_id order by t.occurred_at desc, t.n desc
                ) as place
            from plumb.invariant_violations as v
            inner join touched as t
                on t.key = case
                    when t.view_column = 'subject' then v.subject
                    else v.details ->> t.view_column
                end
            where
                v.invariant = p_invariant
                and v.cleared_at is null
                and (
                    v.blame = '[]' or (p_is_correction and t.occurred_at <= v.first_seen_at)
                )
        ) as b
        where b.place <= plumb.setting_number('blame_rows_max')
        group by b.invariant_violation_id
    )

    update plumb.invariant_violations as v
    set blame = (
        select jsonb_agg(e.value order by e.place)
        from jsonb_array_elements(b.blame || v.blame) with ordinality as e (value, place)
        where e.place <= plumb.setting_number('blame_rows_max')
    )
    from blamed as b
    where b.invariant_violation_id = v.invariant_violation_id;
    get diagnostics v_count = row_count;
    if v_count > 0 then
        -- The evidence says it too: it was taken before anybody could know.
        update plumb.incidents as i
        set snapshot = jsonb_set(i.snapshot, '{violations}', (
            select coalesce(
                jsonb_agg(
                    e.value || jsonb_build_object('blame', coalesce(v.blame, e.value -> 'blame'))
                    order by e.place
                ),
                '[]'
            )
            from jsonb_array_elements(i.snapshot -> 'violations')
                with ordinality as e (value, place)
            left join plumb.invariant_violations as v
                on
                v.invariant = p_invariant
                and v.subject = e.value ->> 'subject'
                and v.cleared_at is null
        ))
        where
            i.incident_id in (
                select o.incident_id
                from plumb.incidents as o
                where
                    o.source = 'invariant'
                    and o.scope = p_invariant
                    and o.is_open
                    and o.snapshot ? 'violations'
                for update skip locked
            );
    end if;
    return v_count;
end;
$$;
comment on function plumb.blame_violations(text, bigint, bigint, boolean) is
'Fill in who changed the subjects of open violations between two seals; returns how many.';
