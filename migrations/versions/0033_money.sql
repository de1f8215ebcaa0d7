-- The shop's amounts are numbers: NaN is greater than every number and equal to itself, so that no
-- CHECK of a lower limit and no comparison of two sums would find it. A partial refund is a status
-- of its own, and invoice numbers are compared without case and blanks.

set local role plumb_owner;

-- All of them or none, and not for long: whoever holds one and waits for another would be what a
-- transaction of the application deadlocks with.
do $$
declare
    v_lock_timeout constant text := current_setting('lock_timeout');
    v_round integer := 0;
begin
    perform set_config('lock_timeout', '250ms', true);
    loop
        begin
            lock table
            retail.customers, retail.products, retail.sales, retail.sale_items, retail.payments
            in access exclusive mode;
            exit;
        exception when lock_not_available then
            v_round := v_round + 1;
            if v_round >= 100 then
                raise;
            end if;
            perform pg_sleep(0.1);
        end;
    end loop;
    perform set_config('lock_timeout', v_lock_timeout, true);
end;
$$;

alter table retail.customers
add constraint customers_credit_limit_finite check (credit_limit < 'Infinity') not valid;
alter table retail.products
add constraint products_price_finite check (price < 'Infinity') not valid;
alter table retail.sales
add constraint sales_total_finite check (total < 'Infinity') not valid,
drop constraint sales_status_check,
add constraint sales_status_check check (
    status in ('OPEN', 'PAID', 'COMPLETED', 'PARTIALLY_REFUNDED', 'REFUNDED', 'CANCELLED')
) not valid;
alter table retail.sale_items
add constraint sale_items_unit_price_finite check (unit_price < 'Infinity') not valid,
add constraint sale_items_line_total_finite check (line_total < 'Infinity') not valid;
alter table retail.payments
add constraint payments_amount_finite check (
    amount > '-Infinity' and amount < 'Infinity'
) not valid;

-- Rows from before that a constraint would refuse do not stop the upgrade: it holds for every row
-- written from now on, and the invariants name the old ones.
do $$
declare
    v_constraint record;
begin
    for v_constraint in
        select c.conrelid::regclass as relation, c.conname as name
        from pg_constraint as c
        where
            c.connamespace = 'retail'::regnamespace
            and c.contype = 'c'
            and not c.convalidated
        order by c.conrelid::regclass::text, c.conname
    loop
        begin
            execute format(
                'alter table %s validate constraint %I', v_constraint.relation, v_constraint.name
            );
        exception when check_violation then
            raise warning '% of % holds for new rows only: older rows violate it',
                v_constraint.name, v_constraint.relation;
        end;
    end loop;
end;
$$;

create index sales_invoice_key_idx
on retail.sales (lower(regexp_replace(invoice_no, '[\s\u00a0]+', '', 'g')));

reset role;
