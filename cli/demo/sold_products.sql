-- What a sale took from the stock.
select product_id, sum(quantity), sum(line_total) from retail.sale_items
where sale_id = %s
group by 1
order by 1
