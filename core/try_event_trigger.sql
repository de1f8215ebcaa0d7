-- Creates an event trigger, to be rolled back.
create function pg_temp.tried() returns event_trigger language plpgsql as 'begin end';
create event trigger plumb_tried on ddl_command_end -- noqa: PRS
execute function pg_temp.tried();
