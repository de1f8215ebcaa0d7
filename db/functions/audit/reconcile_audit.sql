-- A chain cannot see what was never written. This compares a table with the state its log
-- replays to. Both are read in one statement, hence at one moment, so that what writers do
-- meanwhile cannot look wrong.
--
-- changes: each key that changed since the last reconciliation, against the last thing the log
-- says about it. full: the number and the sum of all rows against those that the log implies,
-- and, where they differ, key by key.
-- Runs as the superuser, for the table is not ours.
reset role;
create or replace function plumb.reconcile_audit(p_relation regclass, p_mode text default 'full')
returns table (kind text, relation text, record_key text, expected text, actual text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_relation constant text := plumb.relation_name(p_relation);
    v_omissions constant text [] := plumb.audit_omissions(v_relation);
    v_limit constant bigint := plumb.setting_number('audit_findings_max')::bigint;
    v_table plumb.audited_tables;
    v_scope text;
    v_formats jsonb;
    v_expected_count bigint;
    v_expected_sum numeric;
    v_found_count bigint;
    v_found_sum numeric;
    v_key text;
    v_join text;
    v_keys text;
begin
    select a.* into v_table from plumb.audited_tables as a where a.relation = v_relation;
    if not found then
        raise exception '% is not audited', coalesce(p_relation::text, 'null')
            using errcode = 'PL001', hint = 'select relation from plumb.audited_tables;';
    elsif p_mode is null or p_mode not in ('changes', 'full') then
        raise exception 'there is no mode %', quote_nullable(p_mode)
            using errcode = 'PL002', hint = 'changes or full.';
    end if;
    if v_table.needs_baseline then
        return query
        select
            'baseline_missing', v_relation, null::text, 'a baseline',
            'the table changed in a way the log does not show: select plumb.rebase_audit(…)';
        return;
    end if;
    v_scope := plumb.audit_scope(
        coalesce(
            (
                select r.through_seal
                from plumb.audit_reconciliations as r
                where r.relation = v_relation
            ),
            -1
        )
    );
    v_formats := plumb.pin_formats();

    if p_mode = 'full' then
        execute format(
            $sql$
            select
                i.row_count as expected_count,
                i.row_sum as expected_sum,
                f.row_count as found_count,
                f.row_sum as found_sum
            from plumb.audit_implied($1, null) as i
            cross join (
                select
                    count(*) as row_count,
                    coalesce(
                        sum(plumb.row_sum(plumb.audit_payload(to_jsonb(t.*), $2, $3))), 0
                    ) as row_sum
                from %s as t
            ) as f
            $sql$,
            p_relation
        )
        into v_expected_count, v_expected_sum, v_found_count, v_found_sum
        using v_relation, v_omissions, v_table.masked_columns;
        if v_expected_count is null then
            perform plumb.unpin_formats(v_formats);
            return query
            select 'baseline_missing', v_relation, null::text, 'a BASELINE row of the log', 'none';
            return;
        elsif
            (v_expected_count, v_expected_sum)
            is distinct from (v_found_count, v_found_sum)
        then
            return query
            select
                'table_differs', v_relation, null::text,
                format('%s rows, sum %s', v_expected_count, v_expected_sum),
                format('%s rows, sum %s', v_found_count, v_found_sum);
        else
            perform plumb.unpin_formats(v_formats);
            return;
        end if;
    end if;

    if cardinality(v_table.key_columns) = 0 then
        perform plumb.unpin_formats(v_formats);
        return;
    end if;
    v_key := plumb.key_spec(v_table.key_columns);
    -- The key as text back to its columns, so that the table's own index finds the row. Where a
    -- column's equality is not that of its text, or its type is not PostgreSQL's own, whose checks
    -- would run as we do, texts are compared instead.
    select
        case
            when bool_and(c.is_plain) then string_agg(
                case when v_key = v_table.key_columns[1]
                    then format('t.%I = k.record_key::%s', c.name, c.type)
                    else format('t.%I = (k.record_key::jsonb ->> %s)::%s', c.name, c.position - 1, c.type)
                end,
                ' and '
            )
            else 'plumb.audit_key(to_jsonb(t.*), $2) = k.record_key'
        end
    into v_join
    from (
        select
            n.name,
            n.position,
            format_type(a.atttypid, a.atttypmod) as type,
            -- No collation, the database's, C or POSIX.
            a.attcollation in (0, 100, 950, 951) and (
                a.atttypid = any(
                    array[
                        'bool', 'int2', 'int4', 'int8', 'oid', 'uuid', 'date', 'time', 'timestamp',
                        'timestamptz', 'text', 'varchar', 'bpchar', 'name', 'inet', 'cidr',
                        'macaddr', 'xid8'
                    ]::regtype []
                )
                or (a.atttypid = 'numeric'::regtype and a.atttypmod <> -1)
            ) as is_plain
        from unnest(v_table.key_columns) with ordinality as n (name, position)
        inner join pg_attribute as a on a.attrelid = p_relation and a.attname = n.name
    ) as c;
    -- Before its baseline the table may have had another key.
    v_keys := case p_mode
        when 'changes' then format(
            'select distinct l.record_key from plumb.audit_log as l, based as b'
            ' where l.relation = $1 and l.record_key is not null'
            ' and l.occurred_at >= b.occurred_at and %s limit %s',
            v_scope,
            plumb.setting_number('audit_reconcile_keys_max')
        )
        else format(
            'select l.record_key from plumb.audit_log as l, based as b'
            ' where l.relation = $1 and l.record_key is not null'
            ' and l.occurred_at >= b.occurred_at'
            ' union select plumb.audit_key(to_jsonb(t.*), $2) from %s as t',
            p_relation
        )
    end;
    return query execute format(
        $sql$
        with truncated as (
            select t.seal_id, l.txid, l.base_seal, l.occurred_at, l.n
            from plumb.audit_log as l
            left join plumb.audit_transactions as t
                on t.txid = l.txid and t.base_seal = l.base_seal
            where l.relation = $1 and l.record_key is null and l.op = 'TRUNCATE'
            order by t.seal_id desc nulls first, l.occurred_at desc, l.n desc
            limit 1
        ),

        based as (
            select l.occurred_at, l.new_row ->> 'form' = 'sum' as is_sum
            from plumb.audit_log as l
            left join plumb.audit_transactions as t
                on t.txid = l.txid and t.base_seal = l.base_seal
            where l.relation = $1 and l.record_key is null and l.op = 'BASELINE'
            order by t.seal_id desc nulls first, l.occurred_at desc, l.n desc
            limit 1
        ),

        compared as (
            select
                k.record_key,
                s.occurred_at,
                case
                    when x.occurred_at > s.occurred_at
                    or (x.txid = s.txid and x.base_seal = s.base_seal and x.n > s.n) then null
                    else jsonb_strip_nulls(nullif(s.after, 'null'))
                end as expected,
                jsonb_strip_nulls(plumb.audit_payload(to_jsonb(t.*), $3, $4)) as actual
            from (%1$s) as k
            left join lateral (
                select e.*
                from plumb.key_events(
                    $1, k.record_key, $2, false, '-infinity', 'infinity'
                ) as e
                order by e.place desc
                limit 1
            ) as s on true
            left join truncated as x on true
            left join %2$s as t on %3$s
        )

        select
            case
                when c.expected is null then 'row_unlogged'
                when c.actual is null then 'row_vanished'
                else 'row_differs'
            end,
            $1,
            c.record_key,
            coalesce(c.expected::text, 'no row'),
            coalesce(c.actual::text, 'no row')
        from compared as c
        cross join based as b
        where
            c.expected is distinct from c.actual
            -- Of what a sum covers and nobody changed since, no row tells.
            and (c.occurred_at >= b.occurred_at or (c.occurred_at is null and not b.is_sum))
        order by c.record_key
        limit %4$s
        $sql$,
        v_keys,
        p_relation,
        v_join,
        v_limit
    )
    using v_relation, v_key, v_omissions, v_table.masked_columns;
    perform plumb.unpin_formats(v_formats);
end;
$$;
comment on function plumb.reconcile_audit(regclass, text) is
'Where a table is not what its log says: by key what changed lately, or (full) all of it.';
revoke execute on function plumb.reconcile_audit(regclass, text) from public;
grant execute on function plumb.reconcile_audit(regclass, text) to plumb_operator, plumb_owner;
