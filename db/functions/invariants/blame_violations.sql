-- Names who changed the subject of a violation last. The log knows: the changes between two
-- seals that touched a watched key of the violating row, newest first.
create or replace function plumb.blame_violations(
    p_invariant text, p_from_seal bigint, p_to_seal bigint
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
        where v.invariant = p_invariant and v.cleared_at is null and v.blame = '[]'
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
            where v.invariant = p_invariant and v.cleared_at is null and v.blame = '[]'
        ) as b
        where b.place <= plumb.setting_number('blame_rows_max')
        group by b.invariant_violation_id
    )

    update plumb.invariant_violations as v
    set blame = b.blame
    from blamed as b
    where b.invariant_violation_id = v.invariant_violation_id;
    get diagnostics v_count = row_count;
    return v_count;
end;
$$;
comment on function plumb.blame_violations(text, bigint, bigint) is
'Fill in who changed the subjects of open violations between two seals; returns how many.';
