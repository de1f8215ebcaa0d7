-- Finds lines whose sale does not exist. The foreign key refuses them, but a load under the replica
-- role or with a disabled constraint trigger is not checked. Orphans are moved to
-- plumb.quarantined_rows.
select plumb.declare_no_orphans(
    'NO_ORPHANED_SALE_ITEMS',
    'retail.sale_items',
    array['sale_id'],
    'retail.sales',
    p_is_quarantined => true,
    p_priority => plumb.tuned_priority('NO_ORPHANED_SALE_ITEMS', 'P3'),
    p_description => 'Every sale line belongs to a sale.',
    p_runbook_url => plumb.setting('runbook_base_url') || 'no_orphaned_sale_items.md'
);
