-- One takes the operation of a row besides, the other returns it.
drop function if exists plumb.is_in_span(bigint, xid8, jsonb, jsonb);
drop function if exists plumb.undo_script(xid8[], text[]);
