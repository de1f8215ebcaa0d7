-- A restore brings lines back whose sale was not in the backup; it runs with the triggers off,
-- so no foreign key objects.
create or replace function demo.break_no_orphaned_sale_items()
returns table (story text, memo jsonb)
language plpgsql
volatile
as $$
declare
    v_sale_id bigint;
    v_line_ids bigint[];
begin
    -- A number that no sale can get any more.
    v_sale_id := nextval(pg_get_serial_sequence('retail.sales', 'sale_id'));
    perform set_config('session_replication_role', 'replica', true);
    with restored as (
        insert into retail.sale_items (sale_id, product_id, quantity, unit_price, line_total)
        select v_sale_id, p.product_id, 1, p.price, p.price
        from (select * from retail.products order by product_id limit 2) as p
        returning sale_item_id
    )

    select array_agg(r.sale_item_id order by r.sale_item_id) into v_line_ids
    from restored as r;
    if v_line_ids is null then
        return;
    end if;
    return query select
        format(
            'A partial restore, run with the triggers off, brought back lines %s of sale %s,'
            ' which does not exist.',
            array_to_string(v_line_ids, ' and '), v_sale_id
        ),
        jsonb_build_object('sale_item_ids', v_line_ids);
end;
$$;
comment on function demo.break_no_orphaned_sale_items() is 'Insert lines of no sale.';
