-- Drops the oldest partitions: all whose rows are sealed by seals that an anchor outside holds
-- and that are older than the retention. The seals stay, and the cut is itself a row of the log
-- and a row of audit_retentions, so that a verifier knows what to miss and what not.
create or replace function plumb.retire_audit(p_older_than interval default null)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
-- Sealing waits meanwhile, and so does all that reads the log.
set lock_timeout = '5s'
set standard_conforming_strings = on
as $$
declare
    v_days constant numeric := plumb.setting_number('audit_retention_days');
    v_before timestamptz;
    v_anchored constant bigint := (
        select coalesce(max(a.seal_id), -1)
        from plumb.audit_anchors as a
        inner join plumb.seals as s on s.seal_id = a.seal_id and s.seal_hash = a.seal_hash
        where a.is_outside
    );
    v_first_of_blocks constant bigint := (
        select min(s.seal_id) from plumb.seals as s where s.format > 1
    );
    v_partition record;
    v_cut bigint;
    v_rows bigint;
    v_transactions bigint;
    v_last_hash bytea;
    v_report text := '';
begin
    if p_older_than is null and v_days = 0 then
        return 'nothing retires: audit_retention_days is 0';
    end if;
    v_before := plumb.current_time()
        - coalesce(p_older_than, make_interval(days => v_days::integer));
    perform plumb.lock_section('audit log');
    for v_partition in
        select p.*
        from (
            select
                -- Names, because the OID of a partition says nothing once it is dropped.
                c.relname as relation,
                p.relname as parent,
                i.inhparent = 'plumb.audit_blocks'::regclass as has_blocks,
                least(
                    (
                        regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''(\d+)''\)')
                    )[1]::bigint,
                    -- Whatever is in format 1 started before the first seal of format 2.
                    case when i.inhparent = 'plumb.audit_rows'::regclass then v_first_of_blocks end
                ) as end_seal
            from pg_inherits as i
            inner join pg_class as c on c.oid = i.inhrelid
            inner join pg_class as p on p.oid = i.inhparent
            where i.inhparent in ('plumb.audit_rows'::regclass, 'plumb.audit_blocks'::regclass)
        ) as p
        -- The newest seal of the partition must be there, anchored and old.
        inner join plumb.seals as s on s.seal_id = p.end_seal
        where s.sealed_at < v_before and s.seal_id <= v_anchored
        order by p.end_seal, p.has_blocks
    loop
        -- In format 1 a transaction that began long ago may be sealed late, or not yet.
        if v_partition.has_blocks then
            execute format(
                'select coalesce(sum(b.row_count), 0), count(*) filter (where b.first_n = 1)'
                ' from plumb.%I as b',
                v_partition.relation
            ) into v_rows, v_transactions;
        else
            execute format(
                'select count(*), count(distinct (l.txid, l.base_seal)) from plumb.%I as l',
                v_partition.relation
            ) into v_rows, v_transactions;
        end if;
        exit when not v_partition.has_blocks and v_transactions > (
            select count(*)
            from plumb.audit_transactions as t
            where t.base_seal < v_partition.end_seal
            and t.seal_id <= v_anchored
            and t.base_seal >= coalesce(
                (select max(r.first_kept_seal) from plumb.audit_retentions as r), 0
            )
        );
        v_cut := v_partition.end_seal;
        v_report := v_report || format('plumb.%s: %s rows ', v_partition.relation, v_rows);
        select s.seal_hash into v_last_hash from plumb.seals as s where s.seal_id = v_cut - 1;
        execute format(
            'alter table plumb.%I detach partition plumb.%I',
            v_partition.parent,
            v_partition.relation
        );
        execute format('drop table plumb.%I', v_partition.relation);
        perform set_config('plumb.audit_dismantling', 'on purpose', true);
        delete from plumb.audit_transactions as t where t.seal_id < v_cut;
        perform set_config('plumb.audit_dismantling', '', true);
        insert into plumb.audit_retentions (
            first_kept_seal, row_count, transaction_count, last_seal_hash, retired_at
        )
        values (v_cut, v_rows, v_transactions, v_last_hash, plumb.current_time());
        perform plumb.append_audit(
            'RETENTION',
            'plumb.audit_log',
            '',
            null,
            jsonb_build_object(
                'first_kept_seal', v_cut,
                'rows', v_rows,
                'transactions', v_transactions,
                'last_seal_hash', encode(v_last_hash, 'hex')
            )
        );
    end loop;
    return coalesce(nullif(trim(v_report), ''), 'nothing is old enough and anchored');
end;
$$;
comment on function plumb.retire_audit(interval) is
'Drop what is older than audit_retention_days (or an interval) and anchored; says what went.';
grant execute on function plumb.retire_audit(interval) to plumb_admin, plumb_worker;
