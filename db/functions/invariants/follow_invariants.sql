-- Brings the names in plumb.invariants and plumb.invariant_watches in line with the catalog: views,
-- tables and columns are followed by OID and number where these are known and exist, and else by
-- name, as after a restore or when a table was dropped and created anew. Triggers that enforce at
-- commit are attached again where that changed something.
create or replace function plumb.follow_invariants()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_invariant text;
begin
    perform plumb.adopt_invariants();
    update plumb.invariants as i
    set
        view_id = f.view_id,
        view_name = plumb.relation_name(f.view_id)
    from (
        select o.name, coalesce(c.oid, plumb.find_relation(o.view_name)::oid) as view_id
        from plumb.invariants as o
        left join pg_class as c on c.oid = o.view_id
    ) as f
    where
        f.name = i.name
        and f.view_id is not null
        and (i.view_id is distinct from f.view_id
            or i.view_name <> plumb.relation_name(f.view_id));

    for v_invariant in
        with followed as (
            select
                w.invariant,
                w.relation,
                w.key_column,
                w.view_column,
                r.id as relation_id,
                k.attnum as key_number,
                k.attname as key_name,
                v.attnum as view_number,
                v.attname as view_name
            from plumb.invariant_watches as w
            inner join plumb.invariants as i on i.name = w.invariant
            left join pg_class as c on c.oid = w.relation_id
            cross join lateral (
                select coalesce(c.oid, plumb.find_relation(w.relation)::oid) as id
            ) as r
            inner join pg_attribute as k
                on
                    k.attrelid = r.id
                    and not k.attisdropped
                    and case
                        when c.oid is null or w.key_number is null then k.attname = w.key_column
                        else k.attnum = w.key_number
                    end
            inner join pg_attribute as v
                on
                    v.attrelid = i.view_id
                    and not v.attisdropped
                    and case
                        when w.view_id is distinct from i.view_id or w.view_number is null
                            then v.attname = w.view_column
                        else v.attnum = w.view_number
                    end
        ),

        changed as (
            update plumb.invariant_watches as w
            set
                relation = plumb.relation_name(f.relation_id),
                relation_id = f.relation_id,
                key_column = f.key_name,
                key_number = f.key_number,
                view_column = f.view_name,
                view_number = f.view_number,
                view_id = i.view_id
            from followed as f
            inner join plumb.invariants as i on i.name = f.invariant
            where
                (w.invariant, w.relation, w.key_column, w.view_column)
                = (f.invariant, f.relation, f.key_column, f.view_column)
                and (
                    w.relation, w.relation_id, w.key_column, w.key_number, w.view_column,
                    w.view_number, w.view_id
                ) is distinct from (
                    plumb.relation_name(f.relation_id), f.relation_id, f.key_name, f.key_number,
                    f.view_name, f.view_number, i.view_id
                )
            returning w.invariant
        )

        select c.invariant from changed as c
        union
        -- A table may have got a part, or lost one.
        select coalesce(e.invariant, t.invariant)
        from plumb.enforcing_triggers() as e
        full join plumb.attached_enforcement() as t
            on t.relation = e.member and t.invariant = e.invariant
        where
            t.relation is null
            or e.member is null
            or e.arguments is distinct from t.arguments
    loop
        perform plumb.attach_enforcement(v_invariant);
    end loop;
end;
$$;
comment on function plumb.follow_invariants() is
'Follow views, tables and columns of invariants that were renamed or created anew.';
revoke execute on function plumb.follow_invariants() from public;
