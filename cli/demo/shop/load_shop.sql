-- A shop with a past: customers, products, the deliveries that stocked them, and a quarter of a
-- year of sales in every state, all true. Each table is filled by one statement, and the
-- randomness is seeded, so that every newcomer sees the same shop.
create or replace function demo.load_shop()
returns text
language plpgsql
volatile
as $$
declare
    v_customers bigint[];
    v_products bigint[];
    v_sales bigint;
begin
    perform plumb.lock_section('demo', 60);
    if
        exists (select from retail.customers)
        or exists (select from retail.products)
        or exists (select from retail.sales)
        or exists (select from retail.stock_ledger)
    then
        return null;
    end if;
    perform setseed(0.42);

    -- The first customer stands for all who pay at the till.
    insert into retail.customers (name, credit_limit, created_at)
    select
        case when n = 0 then 'Cash customer' else f.names[1 + n % 20] || ' ' || l.names[1 + n / 20] end,
        case when n = 0 then 0 else 100 * floor(2 + 19 * random()) end,
        now() - interval '120 days'
    from generate_series(0, 199) as n
    cross join (
        select array[
            'Ada', 'Bruno', 'Carla', 'Daniel', 'Elena', 'Farid', 'Greta', 'Hassan', 'Ines', 'Jonas',
            'Karin', 'Luca', 'Mira', 'Nils', 'Olga', 'Pablo', 'Rosa', 'Samir', 'Tessa', 'Yusuf'
        ] as names
    ) as f
    cross join (
        select array[
            'Aydin', 'Becker', 'Costa', 'Dupont', 'Eriksen', 'Fischer', 'Garcia', 'Haddad',
            'Ivanova', 'Jansen'
        ] as names
    ) as l
    order by n;

    insert into retail.products (sku, name, price, created_at)
    select
        format('%s-%s', upper(left(g.names[1 + n / 10], 3)), to_char(n + 1, 'FM000')),
        format('%s %s', m.names[1 + n % 10], g.names[1 + n / 10]),
        round((2 + 38 * random() * random())::numeric, 1) - 0.01,
        now() - interval '120 days'
    from generate_series(0, 299) as n
    cross join (
        select array[
            'apron', 'basket', 'bread knife', 'cake tin', 'candle', 'carafe', 'chopping board',
            'coffee beans', 'coffee filter', 'colander', 'corkscrew', 'cup', 'dish towel', 'egg timer',
            'espresso pot', 'grater', 'honey', 'jam jar', 'kettle', 'ladle', 'marmalade', 'mixing bowl',
            'olive oil', 'pepper mill', 'plate', 'rolling pin', 'tea pot', 'tea strainer', 'tray', 'whisk'
        ] as names
    ) as g
    cross join (
        select array[
            'Plain', 'Blue', 'Green', 'Red', 'Small', 'Large', 'Classic', 'Organic', 'Travel', 'Gift'
        ] as names
    ) as m
    order by n;

    insert into retail.stock_ledger (product_id, delta, reason, created_at)
    select p.product_id, 20 + floor(100 * random()), 'DELIVERY', now() - interval '100 days'
    from retail.products as p
    order by p.product_id;

    select array_agg(c.customer_id order by c.customer_id) into v_customers
    from retail.customers as c;
    select array_agg(p.product_id order by p.product_id) into v_products
    from retail.products as p;

    -- One statement, so that each sale arrives with its lines, its payments and its movements.
    with drawn as materialized (
        select
            nextval(pg_get_serial_sequence('retail.sales', 'sale_id')) as sale_id,
            demo.next_invoice() as invoice_no,
            v_customers[2 + floor(199 * random())::integer] as account_customer_id,
            now() - interval '90 days' * (1 - n / 400.0) - interval '1 hour' as created_at,
            random() as fate,
            (array['CASH', 'CARD', 'CARD', 'TRANSFER'])[1 + floor(4 * random())::integer] as method
        from generate_series(1, 400) as n
    ),

    lines as materialized (
        select distinct on (l.sale_id, l.product_id)
            l.sale_id,
            l.product_id,
            l.quantity,
            p.price as unit_price,
            l.quantity * p.price as line_total
        from (
            select
                d.sale_id,
                v_products[1 + floor(300 * random())::integer] as product_id,
                1 + floor(3 * random() * random())::integer as quantity
            from drawn as d
            cross join generate_series(1, 4) as line
            where line = 1 or random() < 0.5
        ) as l
        inner join retail.products as p on p.product_id = l.product_id
        order by l.sale_id, l.product_id
    ),

    totalled as (
        select d.*, t.total, c.credit_limit
        from drawn as d
        inner join (
            select l.sale_id, sum(l.line_total) as total from lines as l group by l.sale_id
        ) as t on t.sale_id = d.sale_id
        inner join retail.customers as c on c.customer_id = d.account_customer_id
    ),

    -- Sold on account only as far as the customer's limit goes; the rest paid at the till.
    decided as materialized (
        select
            t.*,
            case
                when
                    t.fate < 0.25
                    and sum(t.total) filter (where t.fate < 0.25) over (
                        partition by t.account_customer_id order by t.sale_id
                    ) <= t.credit_limit
                then 'OPEN'
                when t.fate < 0.55 then 'PAID'
                when t.fate < 0.93 then 'COMPLETED'
                when t.fate < 0.96 then 'PARTIALLY_REFUNDED'
                when t.fate < 0.98 then 'REFUNDED'
                else 'CANCELLED'
            end as status,
            case
                when t.fate < 0.25 then t.account_customer_id
                else v_customers[1 + floor(greatest(0, t.fate - 0.7) * 600)::integer]
            end as customer_id
        from totalled as t
    ),

    sold as (
        insert into retail.sales (sale_id, invoice_no, customer_id, total, status, created_at)
        select d.sale_id, d.invoice_no, d.customer_id, d.total, d.status, d.created_at
        from decided as d
        order by d.sale_id
        returning 1
    ),

    listed as (
        insert into retail.sale_items (sale_id, product_id, quantity, unit_price, line_total)
        select l.sale_id, l.product_id, l.quantity, l.unit_price, l.line_total
        from lines as l
        order by l.sale_id, l.product_id
        returning 1
    ),

    paid as (
        insert into retail.payments (sale_id, customer_id, amount, method, created_at)
        select d.sale_id, d.customer_id, a.amount, d.method, d.created_at + a.after
        from decided as d
        cross join lateral (
            values
            (case when d.status not in ('OPEN', 'CANCELLED') then d.total end, interval '0'),
            (case when d.status = 'REFUNDED' then -d.total end, interval '30 min'),
            -- A price lowered afterwards; the goods stay with the customer.
            (
                case when d.status = 'PARTIALLY_REFUNDED' then -round(d.total / 3, 2) end,
                interval '30 min'
            ),
            -- Some of what is open was paid in part.
            (case when d.status = 'OPEN' and d.fate < 0.05 then round(d.total / 3, 2) end, interval '1 min')
        ) as a (amount, after)
        where a.amount <> 0
        order by d.sale_id, a.after
        returning 1
    ),

    moved as (
        insert into retail.stock_ledger (product_id, delta, reason, sale_id, created_at)
        select l.product_id, l.quantity * r.sign, r.reason, l.sale_id, d.created_at + r.after
        from lines as l
        inner join decided as d on d.sale_id = l.sale_id
        cross join lateral (
            values ('SALE', -1, interval '0'), ('RETURN', 1, interval '30 min')
        ) as r (reason, sign, after)
        where r.reason = 'SALE' or d.status in ('REFUNDED', 'CANCELLED')
        order by d.created_at + r.after, l.product_id
        returning 1
    )

    select count(*) into v_sales from sold;
    insert into demo.shop default values on conflict do nothing;
    return format(
        '%s customers, %s products, %s sales',
        cardinality(v_customers), cardinality(v_products), v_sales
    );
end;
$$;
comment on function demo.load_shop() is
'Fill an empty shop; says what it loaded, null when the shop had data and was left alone.';
