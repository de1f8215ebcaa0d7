-- Finds customers who owe more than their credit limit. A customer owes what was sold to them and
-- not paid; nothing is owed for a sale that was refunded, in full or in part. The subject is the
-- grouped column, because PostgreSQL does not push `= any(…)` down through a join.
create view plumb.credit_limit_not_exceeded as
select
    b.customer_id as subject,
    format(
        'customer %s owes %s, allowed are %s', c.customer_id, b.balance, c.credit_limit
    ) as explanation,
    b.balance,
    c.credit_limit
from (
    select l.customer_id, sum(l.amount) as balance
    from (
        select s.customer_id, s.total as amount
        from retail.sales as s
        where s.status in ('OPEN', 'PAID', 'COMPLETED')
        union all
        select p.customer_id, -p.amount
        from retail.payments as p
        where
            not exists (
                select from retail.sales as r
                where r.sale_id = p.sale_id and r.status = 'PARTIALLY_REFUNDED'
            )
        union all
        -- A limit that is no number is wrong before anything is owed.
        select n.customer_id, 0
        from retail.customers as n
    ) as l
    group by l.customer_id
) as b
inner join retail.customers as c on c.customer_id = b.customer_id
where
    b.balance > c.credit_limit
    or b.balance in ('NaN', 'Infinity', '-Infinity')
    or c.credit_limit in ('NaN', 'Infinity', '-Infinity');
comment on view plumb.credit_limit_not_exceeded is
'Customers who owe more than their credit limit, or amounts that are no number. Empty means true.';
comment on column plumb.credit_limit_not_exceeded.subject is
'The key of the row that violates the invariant.';
comment on column plumb.credit_limit_not_exceeded.explanation is 'The violation in one sentence.';
comment on column plumb.credit_limit_not_exceeded.balance is 'What the customer owes.';
comment on column plumb.credit_limit_not_exceeded.credit_limit is 'What the customer may owe.';

select plumb.declare_invariant(
    'CREDIT_LIMIT_NOT_EXCEEDED',
    'plumb.credit_limit_not_exceeded',
    'P2',
    'No customer owes more than the credit limit.'
);
select plumb.watch_table('CREDIT_LIMIT_NOT_EXCEEDED', 'retail.customers', 'customer_id');
select plumb.watch_table('CREDIT_LIMIT_NOT_EXCEEDED', 'retail.sales', 'customer_id');
select plumb.watch_table('CREDIT_LIMIT_NOT_EXCEEDED', 'retail.payments', 'customer_id');
