-- Applies a movement of the ledger to the stock, and refuses one that takes more than is there. The
-- row lock on stock makes concurrent sales of one product wait for each other; under REPEATABLE
-- READ and SERIALIZABLE the later one gets 40001 and may try again. A product's first movement
-- finds no row in stock, inserts one and tries once more; every later one is a single UPDATE.
create or replace function retail.tg_move_stock()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_available integer;
begin
    for v_attempt in 1..2 loop
        update retail.stock as s
        set quantity = s.quantity + new.delta
        where
            s.product_id = new.product_id
            -- A missing delta passes, for the column itself refuses it in plainer words.
            and (new.delta < 0 and s.quantity + new.delta < 0) is not true
        returning s.quantity into new.balance_after;
        if found then
            return new;
        end if;

        select s.quantity into v_available
        from retail.stock as s
        where s.product_id = new.product_id;
        exit when found;
        insert into retail.stock as s (product_id, quantity)
        values (new.product_id, 0)
        on conflict (product_id) do nothing;
    end loop;

    raise exception 'product % has % in stock, % requested',
        new.product_id, v_available, -new.delta
        using errcode = 'check_violation',
        constraint = 'stock_not_negative',
        schema = 'retail',
        table = 'stock_ledger',
        hint = 'Sell less, or book the delivery or the stock-take ADJUSTMENT first.';
end;
$$;
comment on function retail.tg_move_stock() is
'Apply a movement to the stock; raises check_violation when it would go negative.';
