-- The shop's invoice numbers are unique because every till takes them from one sequence.
create or replace function demo.next_invoice()
returns text
language sql
volatile
as $$
    select 'INV-' || to_char(nextval('demo.invoice_numbers'), 'FM000000')
$$;
comment on function demo.next_invoice() is 'The next unused invoice number.';
grant execute on function demo.next_invoice() to retail_app;
