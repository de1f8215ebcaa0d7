-- A till is set up anew and its invoice counter starts where it was yesterday.
create or replace function demo.break_no_duplicate_invoices()
returns table (story text, memo jsonb)
language plpgsql
volatile
as $$
declare
    v_product record;
    v_old retail.sales;
    v_sale_id bigint;
begin
    select s.product_id, p.price into v_product
    from retail.stock as s
    inner join retail.products as p on p.product_id = s.product_id
    where s.quantity > 0
    order by s.quantity desc, s.product_id
    limit 1;
    if not found then
        return;
    end if;
    select s.* into v_old from retail.sales as s order by s.sale_id desc limit 1;
    if not found then
        return;
    end if;
    insert into retail.sales (invoice_no, customer_id, total, status)
    values (v_old.invoice_no, v_old.customer_id, v_product.price, 'COMPLETED')
    returning sale_id into v_sale_id;
    insert into retail.sale_items (sale_id, product_id, quantity, unit_price, line_total)
    values (v_sale_id, v_product.product_id, 1, v_product.price, v_product.price);
    insert into retail.stock_ledger (product_id, delta, reason, sale_id)
    values (v_product.product_id, -1, 'SALE', v_sale_id);
    insert into retail.payments (sale_id, customer_id, amount)
    values (v_sale_id, v_old.customer_id, v_product.price);
    return query select
        format(
            'A till was set up anew and its counter started over: sale %s went out under invoice %s,'
            ' which sale %s carries already.',
            v_sale_id, v_old.invoice_no, v_old.sale_id
        ),
        jsonb_build_object('sale_id', v_sale_id);
end;
$$;
comment on function demo.break_no_duplicate_invoices() is 'Issue an invoice number again.';
