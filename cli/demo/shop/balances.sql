-- What each customer owes: the till asks before it sells on account.
create or replace view demo.balances as
select
    c.customer_id,
    c.credit_limit,
    coalesce(
        (
            select sum(s.total)
            from retail.sales as s
            where s.customer_id = c.customer_id and s.status in ('OPEN', 'PAID', 'COMPLETED')
        ),
        0
    ) - coalesce(
        (
            select sum(p.amount)
            from retail.payments as p
            where
                p.customer_id = c.customer_id
                -- What was refunded in part is settled, whatever was kept of it.
                and not exists (
                    select from retail.sales as r
                    where r.sale_id = p.sale_id and r.status = 'PARTIALLY_REFUNDED'
                )
        ),
        0
    ) as balance
from retail.customers as c;
comment on view demo.balances is 'Each customer''s balance owed and credit limit.';
grant select on demo.balances to retail_app;
