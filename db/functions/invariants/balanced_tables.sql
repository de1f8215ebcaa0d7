-- Lists the tables of the balances and limits whose changed rows alone may show that they still
-- hold: both sides are whole columns with exact numbers, and all rows count. The arguments are
-- those that plumb.tg_collect_amounts() takes behind the invariant.
create or replace function plumb.balanced_tables()
returns table (invariant text, relation text, arguments text[])
language sql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select r.invariant, s.relation, array['', s.sign, s.decides::text, s.amount] || s.key_columns
    from plumb.rules as r
    cross join lateral (
        values
        (
            r.arguments ->> 'table',
            '',
            r.template in ('sum_matches', 'limit'),
            coalesce(r.arguments ->> 'total', r.arguments ->> 'limit'),
            array(select jsonb_array_elements_text(r.arguments -> 'key'))
        ),
        (
            r.arguments ->> 'child',
            '-',
            false,
            r.arguments ->> 'amount',
            array(select jsonb_array_elements_text(r.arguments -> 'child_key'))
        )
    ) as s (relation, sign, decides, amount, key_columns)
    where
        r.template in ('balance', 'sum_matches', 'limit')
        and not r.arguments ?| array['where', 'child_where']
        and r.arguments ->> 'child' <> r.arguments ->> 'table'
        and (
            select count(*) from plumb.invariant_watches as w where w.invariant = r.invariant
        ) = 2
        and (
            select count(*)
            from (
                values
                (
                    r.arguments ->> 'table',
                    coalesce(r.arguments ->> 'total', r.arguments ->> 'limit')
                ),
                (r.arguments ->> 'child', r.arguments ->> 'amount')
            ) as c (relation, name)
            inner join pg_attribute as a
                on
                    a.attrelid = plumb.find_relation(c.relation)
                    and a.attname = c.name
                    and not a.attisdropped
                    and a.attgenerated = ''
                    and a.atttypid in (
                        'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype,
                        'numeric'::regtype
                    )
        ) = 2
$$;
comment on function plumb.balanced_tables() is
'Tables of balances and limits that are enforced by what a transaction changed, with arguments.';
