-- A row's history follows the table from name to name, so what happened to a key is asked for a
-- time.
drop function if exists plumb.key_events(text, text, text, boolean);
