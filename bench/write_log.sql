-- Writes payments, some in each transaction.
do $$
begin
    for i in 1..{transactions} loop
        insert into retail.payments (customer_id, amount)
        select 1 + (i + g) % 100, g from generate_series(1, {rows}) as g;
        commit;
    end loop;
end;
$$
