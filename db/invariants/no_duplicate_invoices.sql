-- Two sales under one invoice number are a tax problem before they are a data problem. Numbers that
-- differ in case or blanks only are one number to a reader of the invoice; each spelling is a
-- subject, so that a change of a sale leads to it by its index.
create view plumb.no_duplicate_invoices as
select
    t.invoice_no as subject,
    format(
        'invoice %s was issued %s times, as sales %s',
        t.invoice_no,
        d.sale_count,
        d.sales
    ) as explanation,
    d.sale_count,
    d.sale_ids
from (
    select
        s.invoice_no,
        lower(regexp_replace(s.invoice_no, '[\s\u00a0]+', '', 'g')) as invoice_key
    from retail.sales as s
    where
        exists (
            select from retail.sales as o
            where
                lower(regexp_replace(o.invoice_no, '[\s\u00a0]+', '', 'g'))
                = lower(regexp_replace(s.invoice_no, '[\s\u00a0]+', '', 'g'))
                and o.sale_id <> s.sale_id
        )
    group by s.invoice_no
) as t
cross join lateral (
    select
        count(*) as sale_count,
        array_agg(a.sale_id order by a.sale_id) as sale_ids,
        string_agg(
            a.sale_id::text
            || case
                when a.invoice_no <> t.invoice_no then format(' (as %L)', a.invoice_no) else ''
            end,
            ', '
            order by a.sale_id
        ) as sales
    from retail.sales as a
    where lower(regexp_replace(a.invoice_no, '[\s\u00a0]+', '', 'g')) = t.invoice_key
) as d;
comment on view plumb.no_duplicate_invoices is
'Invoice numbers that more than one sale carries, case and blanks aside. Empty means true.';
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
    'Every invoice number is used once, whatever its case and blanks.'
);
select plumb.watch_table('NO_DUPLICATE_INVOICES', 'retail.sales', 'invoice_no');
