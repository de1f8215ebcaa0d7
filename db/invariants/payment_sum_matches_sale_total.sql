-- Finds sales whose payments do not match their status: paid in full when PAID or COMPLETED,
-- nothing left when REFUNDED or CANCELLED, never more than the total while OPEN, and something paid
-- back but not all of it when PARTIALLY_REFUNDED. An amount that is no number matches no status.
create view plumb.payment_sum_matches_sale_total as
select
    t.sale_id as subject,
    case
        when t.status is null
            then format('sale %s does not exist but %s was paid for it', t.sale_id, t.paid)
        else format(
            'sale %s is %s with a total of %s but %s was paid', t.sale_id, t.status, t.total, t.paid
        )
    end as explanation,
    t.status,
    t.total,
    t.paid
from (
    select
        l.sale_id,
        max(l.status) as status,
        sum(l.total) as total,
        sum(l.amount) as paid
    from (
        select s.sale_id, s.status, s.total, 0 as amount
        from retail.sales as s
        union all
        select p.sale_id, null, 0, p.amount
        from retail.payments as p
        where p.sale_id is not null
    ) as l
    group by l.sale_id
    having
        case max(l.status)
            when 'OPEN' then sum(l.amount) > sum(l.total)
            when 'PAID' then sum(l.amount) <> sum(l.total)
            when 'COMPLETED' then sum(l.amount) <> sum(l.total)
            when 'PARTIALLY_REFUNDED'
                then sum(l.amount) <= 0 or sum(l.amount) >= sum(l.total) or min(l.amount) >= 0
            -- REFUNDED, CANCELLED, or a payment whose sale is gone.
            else sum(l.amount) <> 0
        end
        or sum(l.amount) in ('NaN', 'Infinity', '-Infinity')
        or sum(l.total) in ('NaN', 'Infinity', '-Infinity')
) as t;
comment on view plumb.payment_sum_matches_sale_total is
'Sales whose payments do not fit their total and status. Empty means true.';
comment on column plumb.payment_sum_matches_sale_total.subject is
'The key of the row that violates the invariant.';
comment on column plumb.payment_sum_matches_sale_total.explanation is
'The violation in one sentence.';
comment on column plumb.payment_sum_matches_sale_total.status is 'The status of the sale.';
comment on column plumb.payment_sum_matches_sale_total.total is 'The total of the sale.';
comment on column plumb.payment_sum_matches_sale_total.paid is 'The sum of its payments.';

select plumb.declare_invariant(
    'PAYMENT_SUM_MATCHES_SALE_TOTAL',
    'plumb.payment_sum_matches_sale_total',
    'P1',
    'The payments of every sale fit its total and status.'
);
select plumb.watch_table('PAYMENT_SUM_MATCHES_SALE_TOTAL', 'retail.sales', 'sale_id');
select plumb.watch_table('PAYMENT_SUM_MATCHES_SALE_TOTAL', 'retail.payments', 'sale_id');
