-- Finds products with a stock below zero. The ledger's trigger refuses the sale that would cause
-- it; this finds what came in without the ledger: direct updates, restored data.
select plumb.declare_non_negative(
    'NO_NEGATIVE_STOCK',
    'retail.stock',
    'quantity',
    p_priority => plumb.tuned_priority('NO_NEGATIVE_STOCK', 'P1'),
    p_description => 'No product has a negative stock.',
    p_runbook_url => plumb.setting('runbook_base_url') || 'no_negative_stock.md'
);
