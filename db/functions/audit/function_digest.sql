-- Returns what a function is: its text, its owner, whose rights it has. By names alone, for a
-- restore gives languages other numbers.
create or replace function plumb.function_digest(p_function oid)
returns bytea
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select sha256(
        convert_to(
            concat_ws(
                e'\n', p.oid::regprocedure, pg_get_userbyid(p.proowner), p.prosecdef, l.lanname,
                p.proconfig, p.provolatile, p.prosrc
            ),
            'UTF8'
        )
    )
    from pg_proc as p
    inner join pg_language as l on l.oid = p.prolang
    where p.oid = p_function
$$;
comment on function plumb.function_digest(oid) is 'Digest of a function''s definition.';
