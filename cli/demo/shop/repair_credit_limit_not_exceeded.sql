-- The customer gets the old limit back.
create or replace function demo.repair_credit_limit_not_exceeded(p_memo jsonb)
returns text
language sql
volatile
as $$
    update retail.customers as c
    set credit_limit = (p_memo ->> 'credit_limit')::numeric
    where c.customer_id = (p_memo ->> 'customer_id')::bigint
    returning format('Gave customer %s the limit of %s back.', c.customer_id, c.credit_limit)
$$;
comment on function demo.repair_credit_limit_not_exceeded(jsonb) is 'Restore the limit.';
