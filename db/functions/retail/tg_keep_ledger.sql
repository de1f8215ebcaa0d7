-- Refuses to change or delete a movement of the ledger; a mistake is corrected by another movement.
create or replace function retail.tg_keep_ledger()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'retail.stock_ledger is append-only: % refused', tg_op
        using errcode = 'object_not_in_prerequisite_state',
        hint = 'Insert an ADJUSTMENT movement that corrects the mistake.';
end;
$$;
comment on function retail.tg_keep_ledger() is 'Refuse every change of a recorded movement.';
