-- Functions that have another name now. The files of db/ create them under it.
drop function if exists plumb.clean_idempotency_keys();
