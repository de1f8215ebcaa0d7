-- Lists the triggers that enforce at commit, as they are.
create or replace function plumb.attached_enforcement()
returns table (invariant text, relation regclass, trigger_name text, arguments text[])
language sql
stable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
set jit = off
as $$
    select a.arguments[1], t.tgrelid::regclass, t.tgname, a.arguments
    from pg_trigger as t
    -- The catalog ends each argument with a zero byte, which no text can hold.
    cross join lateral (
        select array_agg(
            convert_from(decode(p.part, 'hex'), getdatabaseencoding()) order by p.position
        ) as arguments
        from regexp_matches(encode(t.tgargs, 'hex'), '((?:(?!00)..)*)00', 'g')
            with ordinality as m (found, position)
        cross join lateral (select m.found[1] as part, m.position) as p
    ) as a
    where
        t.tgfoid in (
            'plumb.tg_collect_keys()'::regprocedure, 'plumb.tg_collect_amounts()'::regprocedure
        )
        and t.tgparentid = 0
$$;
comment on function plumb.attached_enforcement() is
'The triggers that enforce invariants at commit, as they are.';
