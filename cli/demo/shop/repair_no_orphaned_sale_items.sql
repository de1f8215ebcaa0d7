-- This is the one that repairs itself: auto-correct may have been faster.
create or replace function demo.repair_no_orphaned_sale_items(p_memo jsonb)
returns text
language sql
volatile
as $$
    with removed as (
        delete from retail.sale_items as i
        where
            i.sale_item_id in (
                select t.value::bigint
                from jsonb_array_elements_text(p_memo -> 'sale_item_ids') as t (value)
            )
            and not exists (select from retail.sales as s where s.sale_id = i.sale_id)
        returning 1
    )

    select case
        when count(*) > 0 then format('Deleted the %s lines without a sale.', count(*))
        else 'Nothing was left to do: auto-correct has moved the lines to plumb.quarantined_rows.'
    end
    from removed
$$;
comment on function demo.repair_no_orphaned_sale_items(jsonb) is 'Delete the orphaned lines.';
