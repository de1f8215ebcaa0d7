-- Refunds the second payment to the card, unless the sale was refunded meanwhile.
create or replace function demo.repair_payment_sum_matches_sale_total(p_memo jsonb)
returns text
language plpgsql
volatile
as $$
declare
    v_sale_id constant bigint := (p_memo ->> 'sale_id')::bigint;
    v_amount numeric;
begin
    perform from retail.sales as s where s.sale_id = v_sale_id for update;
    insert into retail.payments (sale_id, customer_id, amount, method)
    select s.sale_id, s.customer_id, s.total - v.paid, 'CARD'
    from plumb.payment_sum_matches_sale_total as v
    inner join retail.sales as s on s.sale_id = v.subject
    where v.subject = v_sale_id
    returning amount into v_amount;
    if v_amount is null then
        return format('Sale %s was refunded meanwhile; there is nothing to give back.', v_sale_id);
    end if;
    return format('Gave %s back to the card of sale %s.', -v_amount, v_sale_id);
end;
$$;
comment on function demo.repair_payment_sum_matches_sale_total(jsonb) is
'Refund what was paid too much.';
