-- Moves sale items without a sale to the quarantine. It is the only auto-correct of the
-- example shop: the rows are kept whole, so that nothing is lost and the totals agree.
create or replace function plumb.quarantine_orphaned_sale_items(p_subjects text[])
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
-- A sale that a policy hides would make its lines look like orphans.
set row_security = off
as $$
    with orphans as (
        delete from retail.sale_items as i
        where
            i.sale_item_id = any(p_subjects::bigint [])
            -- Still an orphan at this moment, whatever the check saw.
            and not exists (select from retail.sales as s where s.sale_id = i.sale_id)
        returning i.*
    ),

    kept as (
        insert into plumb.quarantined_rows (
            invariant, relation, subject, row_data, quarantined_at
        )
        select
            'NO_ORPHANED_SALE_ITEMS',
            'retail.sale_items',
            o.sale_item_id::text,
            to_jsonb(o),
            plumb.current_time()
        from orphans as o
        returning 1
    )

    select count(*) from kept
$$;
comment on function plumb.quarantine_orphaned_sale_items(text[]) is
'Move these orphaned lines to plumb.quarantined_rows; returns how many were moved.';
