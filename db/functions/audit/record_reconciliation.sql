-- Moves the point where reconciliation continues to the newest seal, so that the next one costs
-- what has changed since, and not the whole log.
create or replace function plumb.record_reconciliation(p_relation text)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    insert into plumb.audit_reconciliations as r (
        relation, row_count, row_sum, sum_form, through_seal, reconciled_at
    )
    select p_relation, i.row_count, i.row_sum, i.sum_form, s.seal_id, plumb.current_time()
    from (select max(s.seal_id) as seal_id from plumb.seals as s) as s
    cross join lateral plumb.audit_implied(p_relation, s.seal_id) as i
    where i.row_count is not null
    on conflict (relation) do update
    set
        row_count = excluded.row_count,
        row_sum = excluded.row_sum,
        sum_form = excluded.sum_form,
        through_seal = excluded.through_seal,
        reconciled_at = excluded.reconciled_at
$$;
comment on function plumb.record_reconciliation(text) is
'Remember what the log says a table holds at the newest seal.';
