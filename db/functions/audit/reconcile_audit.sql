-- A chain cannot see what was never written. This compares a table with the state its log
-- replays to. Both are read in one statement, hence at one moment, so that what writers do
-- meanwhile cannot look wrong.
--
-- changes: each key that changed since the last reconciliation, against the last thing the log
-- says about it. full: the number and the sum of all rows against those that the log implies,
-- and, where they differ, key by key. The table is read by plumb.inspect(), the log is not.
create or replace function plumb.reconcile_audit(p_relation regclass, p_mode text default 'full')
returns table (kind text, relation text, record_key text, expected text, actual text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
#variable_conflict use_column
declare
    v_relation constant text := plumb.relation_name(p_relation);
    v_omissions constant text [] := plumb.audit_omissions(v_relation);
    v_limit constant bigint := plumb.findings_limit();
    v_table plumb.audited_tables;
    v_scope text;
    v_formats jsonb;
    v_expected_count bigint;
    v_expected_sum numeric;
    v_found_count bigint;
    v_found_sum numeric;
    v_key text;
    v_keys text;
    v_compared text;
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
        select i.row_count, i.row_sum, (f.value ->> 'rows')::bigint, (f.value ->> 'sum')::numeric
        into v_expected_count, v_expected_sum, v_found_count, v_found_sum
        from plumb.audit_implied(v_relation, null) as i
        cross join plumb.inspect(
            plumb.sum_query(p_relation, v_omissions, v_table.masked_columns)
        ) as f;
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
    -- Before its baseline the table may have had another key.
    v_keys := 'select l.record_key from plumb.audit_log as l, based as b'
        ' where l.relation = $1 and l.record_key is not null and l.occurred_at >= b.occurred_at';
    v_compared := case p_mode
        when 'changes' then format(
            'keys as materialized (select distinct o.record_key from (%s and %s) as o limit %s),'
            ' found as materialized (select i.key, i.value'
            ' from plumb.inspect($3, array(select k.record_key from keys as k)) as i)',
            v_keys,
            v_scope,
            plumb.setting_number('audit_reconcile_keys_max')
        )
        else format(
            'found as materialized (select i.key, i.value from plumb.inspect($3) as i),'
            ' keys as (%s union select f.key from found as f)',
            v_keys
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

        -- Keys, and the rows of the table that were found under them.
        %1$s,

        compared as (
            select
                k.record_key,
                s.occurred_at,
                case
                    when x.occurred_at > s.occurred_at
                    or (x.txid = s.txid and x.base_seal = s.base_seal and x.n > s.n) then null
                    else jsonb_strip_nulls(nullif(s.after, 'null'))
                end as expected,
                jsonb_strip_nulls(f.value) as actual
            from keys as k
            left join lateral (
                select e.*
                from plumb.key_events(
                    $1, k.record_key, $2, false, '-infinity', 'infinity'
                ) as e
                order by e.place desc
                limit 1
            ) as s on true
            left join truncated as x on true
            left join found as f on f.key = k.record_key
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
        limit %2$s
        $sql$,
        v_compared,
        v_limit
    )
    using
        v_relation,
        v_key,
        plumb.payload_query(
            p_relation,
            v_table.key_columns,
            v_omissions,
            v_table.masked_columns,
            p_mode = 'changes'
        );
    perform plumb.unpin_formats(v_formats);
end;
$$;
comment on function plumb.reconcile_audit(regclass, text) is
'Where a table is not what its log says: by key what changed lately, or (full) all of it.';
revoke execute on function plumb.reconcile_audit(regclass, text) from public;
grant execute on function plumb.reconcile_audit(regclass, text) to plumb_operator, plumb_owner;
