-- Two sales under one invoice number are a tax problem before they are a data problem.
create view plumb.no_duplicate_invoices as
select
    s.invoice_no as subject,
    format(
        'invoice %s was issued %s times, as sales %s',
        s.invoice_no,
        count(*),
        string_agg(s.sale_id::text, ', ' order by s.sale_id)
    ) as explanation,
    count(*) as sale_count,
    array_agg(s.sale_id order by s.sale_id) as sale_ids
from retail.sales as s
group by s.invoice_no
having count(*) > 1;
comment on view plumb.no_duplicate_invoices is
'Invoice numbers that more than one sale carries. Empty means true.';
comment on column plumb.no_duplicate_invoices.subject is
'The key of the row that violates the invariant.';
comment on column plumb.no_duplicate_invoices.explanation is 'The violation in one sentence.';
comment on column plumb.no_duplicate_invoices.sale_count is
'How many sales have this invoice number.';
comment on column plumb.no_duplicate_invoices.sale_ids is 'These sales.';

select plumb.declare_invariant(
    'NO_DUPLICATE_INVOICES',
    'plumb.no_duplicate_invoices',
    'P1',
    'Every invoice number is used once.'
);
select plumb.watch_table('NO_DUPLICATE_INVOICES', 'retail.sales', 'invoice_no');
