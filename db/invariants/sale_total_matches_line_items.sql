-- Finds sales whose total is not the sum of their lines, and lines whose total is not what their
-- pieces cost. Written as one grouping over both tables, so that a filter on subject reaches both
-- indexes and a deep scan reads each table once.
create view plumb.sale_total_matches_line_items as
select
    t.sale_id as subject,
    case
        when t.total <> t.line_total_sum or t.wrong_line_id is null
            then format(
                'sale %s says %s but its lines add up to %s', t.sale_id, t.total, t.line_total_sum
            )
        else format(
            'line %s of sale %s says %s but its pieces cost %s',
            t.wrong_line_id,
            t.sale_id,
            t.wrong_line_total,
            t.wrong_line_cost
        )
    end as explanation,
    t.total,
    t.line_total_sum,
    t.wrong_line_id
from (
    select
        l.sale_id,
        sum(l.total) as total,
        sum(l.line_total) as line_total_sum,
        min(l.line_id) filter (where l.line_total <> l.cost) as wrong_line_id,
        min(l.line_total) filter (where l.line_total <> l.cost) as wrong_line_total,
        min(l.cost) filter (where l.line_total <> l.cost) as wrong_line_cost
    from (
        select
            s.sale_id,
            s.total,
            0 as line_total,
            0 as cost,
            null as line_id,
            1 as sale_count
        from retail.sales as s
        union all
        select i.sale_id, 0, i.line_total, i.quantity * i.unit_price, i.sale_item_id, 0
        from retail.sale_items as i
    ) as l
    group by l.sale_id
    -- Lines without a sale are another invariant's business.
    having
        sum(l.sale_count) > 0
        and (
            sum(l.total) <> sum(l.line_total)
            or bool_or(l.line_total <> l.cost)
            or sum(l.total) in ('NaN', 'Infinity', '-Infinity')
            or sum(l.line_total) in ('NaN', 'Infinity', '-Infinity')
        )
) as t;
comment on view plumb.sale_total_matches_line_items is
'Sales whose total is not the sum of their lines, or with a line that is not quantity × price.';
comment on column plumb.sale_total_matches_line_items.subject is
'The key of the row that violates the invariant.';
comment on column plumb.sale_total_matches_line_items.explanation is
'The violation in one sentence.';
comment on column plumb.sale_total_matches_line_items.total is 'The total of the sale.';
comment on column plumb.sale_total_matches_line_items.line_total_sum is 'The sum of its lines.';
comment on column plumb.sale_total_matches_line_items.wrong_line_id is
'The first line whose amount is not its quantity times its unit price; null: none.';

select plumb.declare_invariant(
    'SALE_TOTAL_MATCHES_LINE_ITEMS',
    'plumb.sale_total_matches_line_items',
    'P1',
    'The total of every sale is the sum of its lines, each quantity times unit price.'
);
select plumb.watch_table('SALE_TOTAL_MATCHES_LINE_ITEMS', 'retail.sales', 'sale_id');
select plumb.watch_table('SALE_TOTAL_MATCHES_LINE_ITEMS', 'retail.sale_items', 'sale_id');
