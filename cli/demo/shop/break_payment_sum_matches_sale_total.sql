-- A card terminal gets no answer, tries again, and both attempts are booked.
create or replace function demo.break_payment_sum_matches_sale_total()
returns table (story text, memo jsonb)
language sql
volatile
as $$
    with chosen as (
        select p.sale_id, p.customer_id, p.amount, p.payment_id
        from retail.payments as p
        inner join retail.sales as s on s.sale_id = p.sale_id
        where s.status in ('PAID', 'COMPLETED') and p.amount = s.total
        order by p.payment_id desc
        limit 1
        for update of s
    ),

    repeated as (
        insert into retail.payments (sale_id, customer_id, amount, method)
        select c.sale_id, c.customer_id, c.amount, 'CARD'
        from chosen as c
        returning payment_id, sale_id, amount
    )

    select
        format(
            'A card terminal got no answer and tried again: sale %s is paid twice,'
            ' by payments %s and %s of %s each.',
            c.sale_id, c.payment_id, r.payment_id, r.amount
        ),
        jsonb_build_object('sale_id', r.sale_id)
    from repeated as r
    cross join chosen as c
$$;
comment on function demo.break_payment_sum_matches_sale_total() is 'Book a payment twice.';
