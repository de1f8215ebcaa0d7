-- Finds sales that have the same invoice number, which an invoice must not have. Numbers that
-- differ in case or blanks only are the same number to a reader of the invoice.
select plumb.declare_unique(
    'NO_DUPLICATE_INVOICES',
    'retail.sales',
    array['invoice_no'],
    p_is_normalized => true,
    p_priority => plumb.tuned_priority('NO_DUPLICATE_INVOICES', 'P1'),
    p_description => 'Every invoice number is used once, whatever its case and blanks.',
    p_runbook_url => plumb.setting('runbook_base_url') || 'no_duplicate_invoices.md'
);
