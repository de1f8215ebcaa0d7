-- Attaches the triggers of the example shop: a movement changes the stock and never changes itself.
create or replace trigger stock_ledger_moves_stock
before insert on retail.stock_ledger
for each row execute function retail.tg_move_stock();

create or replace trigger stock_ledger_is_append_only
before update or delete or truncate on retail.stock_ledger
for each statement execute function retail.tg_keep_ledger();
