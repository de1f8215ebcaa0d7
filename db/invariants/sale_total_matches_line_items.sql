-- An invoice says what its lines add up to. Written as one grouping over both tables, so that
-- a filter on subject reaches both indexes and a deep scan reads each table once.
create view plumb.sale_total_matches_line_items as
select
    t.sale_id as subject,
    format(
        'sale %s says %s but its lines add up to %s', t.sale_id, t.total, t.line_total_sum
    ) as explanation,
    t.total,
    t.line_total_sum
from (
    select
        l.sale_id,
        sum(l.total) as total,
        sum(l.line_total) as line_total_sum
    from (
        select s.sale_id, s.total, 0 as line_total, 1 as sale_count
        from retail.sales as s
        union all
        select i.sale_id, 0, i.line_total, 0
        from retail.sale_items as i
    ) as l
    group by l.sale_id
    -- Lines without a sale are another invariant's business.
    having sum(l.total) <> sum(l.line_total) and sum(l.sale_count) > 0
) as t;
comment on view plumb.sale_total_matches_line_items is
'Sales whose total differs from the sum of their lines. Empty means true.';
comment on column plumb.sale_total_matches_line_items.subject is
'The key of the row that violates the invariant.';
comment on column plumb.sale_total_matches_line_items.explanation is
'The violation in one sentence.';
comment on column plumb.sale_total_matches_line_items.total is 'The total of the sale.';
comment on column plumb.sale_total_matches_line_items.line_total_sum is 'The sum of its lines.';

select plumb.declare_invariant(
    'SALE_TOTAL_MATCHES_LINE_ITEMS',
    'plumb.sale_total_matches_line_items',
    'P1',
    'The total of every sale is the sum of its lines.'
);
select plumb.watch_table('SALE_TOTAL_MATCHES_LINE_ITEMS', 'retail.sales', 'sale_id');
select plumb.watch_table('SALE_TOTAL_MATCHES_LINE_ITEMS', 'retail.sale_items', 'sale_id');
