-- Compares a table with the state its log replays to. Both are read in one statement, hence at one
-- moment, so that what writers do meanwhile cannot look wrong. The log of a captured table is
-- behind: of what changed just then its keys may look wrong here, its sum does not.
--
-- changes: each key that changed since the last reconciliation, against the last thing the log
-- says about it. full: the number and the sum of all rows against those that the log implies,
-- and, where they differ, key by key. The table is read by plumb.inspect(), the log is not.
create or replace function plumb.compare_with_log(p_relation regclass, p_mode text default 'full')
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
    v_after_seal bigint;
    v_formats jsonb;
    v_expected_count bigint;
    v_expected_sum numeric;
    v_found_count bigint;
    v_found_sum numeric;
    v_snapshot pg_snapshot;
    v_position bigint;
    v_key text;
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
            case
                when v_table.baseline_pending ? 'form'
                    then 'the job audit-verify takes it: select plumb.rebase_audit(…) does at once'
                else 'the table changed in a way the log does not show:'
                    ' select plumb.rebase_audit(…)'
            end;
        return;
    end if;
    -- What a reconciliation found to be right is not looked at again but in full.
    select r.through_seal into v_after_seal
    from plumb.audit_reconciliations as r
    where r.relation = v_relation and p_mode = 'changes';
    v_formats := plumb.pin_formats();

    if p_mode = 'full' and v_table.capture = 'wal' then
        -- What the table shows, the log shows once it was read; what came later is left aside.
        select s.last_value into v_position from plumb.audit_intake_position_seq as s;
        select pg_current_snapshot(), (f.value ->> 'rows')::bigint, (f.value ->> 'sum')::numeric
        into v_snapshot, v_found_count, v_found_sum
        from plumb.audit_implied(v_relation, null) as i
        cross join lateral plumb.inspect(
            plumb.sum_query(p_relation, v_omissions, v_table.masked_columns, i.sum_form)
        ) as f;
        perform plumb.capture_audit();
        select i.row_count, i.row_sum into v_expected_count, v_expected_sum
        from plumb.audit_implied(v_relation, null, v_snapshot, v_position) as i;
    elsif p_mode = 'full' then
        select i.row_count, i.row_sum, (f.value ->> 'rows')::bigint, (f.value ->> 'sum')::numeric
        into v_expected_count, v_expected_sum, v_found_count, v_found_sum
        from plumb.audit_implied(v_relation, null) as i
        cross join lateral plumb.inspect(
            plumb.sum_query(p_relation, v_omissions, v_table.masked_columns, i.sum_form)
        ) as f;
    end if;
    if p_mode = 'full' then
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
    return query execute format(
        $sql$
        with truncated as (
            select coalesce(l.position, -1) as position, l.occurred_at, l.n
            from plumb.log_of($1, null) as l
            where l.op = 'TRUNCATE'
            order by
                l.position desc nulls last, l.seal_id desc nulls first, l.occurred_at desc, l.n desc
            limit 1
        ),

        based as (
            select
                coalesce(l.position, -1) as position, l.occurred_at, l.n,
                coalesce((l.new_row ->> 'after_seal')::bigint, l.seal_id - 1) as after_seal,
                l.new_row ->> 'form' = 'sum' as is_sum
            from plumb.log_of($1, null) as l
            where l.op = 'BASELINE'
            order by
                l.position desc nulls last, l.seal_id desc nulls first, l.occurred_at desc, l.n desc
            limit 1
        ),

        -- The newest that the log says of each key since the baseline, before which the table may
        -- have had another key. It is the last, unless its transaction says more of the key.
        logged as materialized (
            select distinct on (e.record_key) e.*
            from (
                select
                    k.record_key, k.after, l.occurred_at, l.n,
                    coalesce(l.position, -1) as position,
                    l.position is not null
                    and count(*) over (partition by k.record_key, l.txid) = 1 as is_last
                from based as b
                cross join lateral plumb.log_of_table(
                    $1,
                    greatest(
                        $4, coalesce(b.after_seal, (select max(s.seal_id) from plumb.seals as s))
                    )
                ) as l
                cross join lateral (
                    values
                    (l.record_key, case when l.new_key is null then l.new_row end),
                    (l.new_key, l.new_row)
                ) as k (record_key, after)
                where
                    k.record_key is not null
                    and (coalesce(l.position, -1), l.occurred_at, l.n)
                    >= (b.position, b.occurred_at, b.n)
            ) as e
            order by e.record_key, e.position desc, e.occurred_at desc, e.n desc
        ),

        -- Keys, and the rows of the table that were found under them.
        %1$s,

        compared as (
            select
                k.record_key,
                l.record_key is not null as is_logged,
                case
                    when
                        (x.position, x.occurred_at, x.n)
                        > (
                            coalesce(s.position, l.position),
                            coalesce(s.occurred_at, l.occurred_at),
                            coalesce(s.n, l.n)
                        )
                    then null
                    when l.is_last then plumb.set_columns(l.after)
                    else plumb.set_columns(nullif(s.after, 'null'))
                end as expected,
                plumb.set_columns(f.value) as actual
            from keys as k
            left join logged as l on l.record_key = k.record_key
            left join lateral (
                select e.after, coalesce(e.position, -1) as position, e.occurred_at, e.n
                from plumb.key_events(
                    $1, k.record_key, $2, false, '-infinity', 'infinity', $4
                ) as e
                where not l.is_last
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
            -- As text, for 1.50 is no other number than 1.5.
            c.expected::text is distinct from c.actual::text
            -- Of a row that a sum covers and that was not changed since, the log holds no values.
            and (c.is_logged or not b.is_sum)
        order by c.record_key
        limit %2$s
        $sql$,
        case p_mode
            when 'changes' then format(
                'keys as materialized (select l.record_key from logged as l limit %s),'
                ' found as materialized (select i.key, i.value'
                ' from plumb.inspect($3, array(select k.record_key from keys as k)) as i)',
                plumb.setting_number('audit_reconcile_keys_max')
            )
            else
                'found as materialized (select i.key, i.value from plumb.inspect($3) as i),'
                ' keys as (select l.record_key from logged as l union select f.key from found as f)'
        end,
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
        ),
        v_after_seal;
    perform plumb.unpin_formats(v_formats);
end;
$$;
comment on function plumb.compare_with_log(regclass, text) is
'Where a table is not what its log says by now: by key what changed lately, or (full) all of it.';
revoke execute on function plumb.compare_with_log(regclass, text) from public;
grant execute on function plumb.compare_with_log(regclass, text) to plumb_owner;
