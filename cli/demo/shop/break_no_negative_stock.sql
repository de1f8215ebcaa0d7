-- An offline till comes back and loads its sales with the triggers off, as bulk loaders do:
-- nobody asks the shelf. Everything else about the sale is right.
create or replace function demo.break_no_negative_stock()
returns table (story text, memo jsonb)
language plpgsql
volatile
as $$
declare
    v_missing constant integer := 3;
    v_product record;
    v_total numeric;
    v_sale_id bigint;
    v_customer_id bigint;
begin
    select s.product_id, s.quantity, p.sku, p.name, p.price into v_product
    from retail.stock as s
    inner join retail.products as p on p.product_id = s.product_id
    where s.quantity > 0
    order by s.quantity, s.product_id
    limit 1
    for update of s;
    if not found then
        return;
    end if;
    select min(c.customer_id) into v_customer_id from retail.customers as c;
    v_total := (v_product.quantity + v_missing) * v_product.price;
    perform set_config('session_replication_role', 'replica', true);
    insert into retail.sales (invoice_no, customer_id, total, status)
    values (demo.next_invoice(), v_customer_id, v_total, 'COMPLETED')
    returning sale_id into v_sale_id;
    insert into retail.sale_items (sale_id, product_id, quantity, unit_price, line_total)
    values (
        v_sale_id, v_product.product_id, v_product.quantity + v_missing, v_product.price, v_total
    );
    insert into retail.payments (sale_id, customer_id, amount)
    values (v_sale_id, v_customer_id, v_total);
    insert into retail.stock_ledger (product_id, delta, balance_after, reason, sale_id)
    values (
        v_product.product_id, -v_product.quantity - v_missing, -v_missing, 'SALE', v_sale_id
    );
    update retail.stock as s set quantity = -v_missing where s.product_id = v_product.product_id;
    return query select
        format(
            'An offline till came back and loaded sale %s with the triggers off'
            ' (session_replication_role = replica): %s pieces of product %s (%s), %s of them'
            ' on the shelf. It says %s now.',
            v_sale_id,
            v_product.quantity + v_missing,
            v_product.product_id,
            v_product.name,
            v_product.quantity,
            -v_missing
        ),
        jsonb_build_object('product_id', v_product.product_id, 'missing', v_missing);
end;
$$;
comment on function demo.break_no_negative_stock() is
'Sell more than is there, beside the trigger.';
