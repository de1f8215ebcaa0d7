-- Returns the number under which the blocks that hold rows of a table are listed. It finds blocks
-- and proves nothing, as plumb.key_number(). Inlined.
create or replace function plumb.table_number(p_relation text)
returns integer
language sql
immutable
parallel safe
as $$
    select ('x' || left(md5(p_relation), 8))::bit(32)::integer
$$;
comment on function plumb.table_number(text) is
'The number under which blocks of the log are indexed for a table.';
grant execute on function plumb.table_number(text) to plumb_auditor;
