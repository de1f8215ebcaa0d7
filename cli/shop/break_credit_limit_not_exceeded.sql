-- The credit department lowers a limit without looking at what is owed.
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
        raise exception 'no customer owes anything'
            using errcode = 'PL005', hint = 'Let ./plumb demo sell on account for a while.';
    end if;
    update retail.customers as c
    set credit_limit = floor(v_customer.balance / 2)
    where c.customer_id = v_customer.customer_id;
    return query select
        format(
            'The credit department lowered the limit of customer %s from %s to %s; owed are %s.',
            v_customer.customer_id,
            v_customer.credit_limit,
            floor(v_customer.balance / 2),
            v_customer.balance
        ),
        jsonb_build_object(
            'customer_id', v_customer.customer_id, 'credit_limit', v_customer.credit_limit
        );
end;
$$;
comment on function demo.break_credit_limit_not_exceeded() is 'Lower a limit below what is owed.';
