-- The credit department blocks a customer without looking at what the customer owes.
create or replace function demo.break_credit_limit_not_exceeded()
returns table (story text, memo jsonb)
language plpgsql
volatile
as $$
declare
    v_customer record;
begin
    select b.customer_id, b.balance, b.credit_limit into v_customer
    from demo.balances as b
    where b.balance between 1 and b.credit_limit
    order by b.balance desc, b.customer_id
    limit 1;
    if not found then
        return;
    end if;
    update retail.customers as c
    set credit_limit = 0
    where c.customer_id = v_customer.customer_id;
    return query select
        format(
            'The credit department blocked customer %s by lowering the limit from %s to 0;'
            ' the customer owes %s.',
            v_customer.customer_id, v_customer.credit_limit, v_customer.balance
        ),
        jsonb_build_object(
            'customer_id', v_customer.customer_id, 'credit_limit', v_customer.credit_limit
        );
end;
$$;
comment on function demo.break_credit_limit_not_exceeded() is 'Lower a limit below what is owed.';
