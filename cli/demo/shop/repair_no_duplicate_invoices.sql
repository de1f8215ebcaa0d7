-- The second sale gets a number of its own.
create or replace function demo.repair_no_duplicate_invoices(p_memo jsonb)
returns text
language sql
volatile
as $$
    update retail.sales as s
    set invoice_no = demo.next_invoice()
    where s.sale_id = (p_memo ->> 'sale_id')::bigint
    returning format('Issued sale %s again, as invoice %s.', s.sale_id, s.invoice_no)
$$;
comment on function demo.repair_no_duplicate_invoices(jsonb) is 'Renumber the later sale.';
