-- Decides what happens to a transaction that would break an invariant: detect lets it commit
-- and finds it later, commit refuses it. Two commits that could break it together must meet at
-- one lock, hence the column that every watched table names.
create or replace function plumb.enforce_invariant(p_name text, p_enforcement text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if (p_enforcement in ('detect', 'commit', 'statement')) is not true then
        raise exception 'enforcement % of % is not one of detect, commit, statement',
            quote_nullable(p_enforcement), quote_nullable(p_name)
            using errcode = 'PL002',
            hint = 'detect finds it later, commit and statement refuse it then.';
    end if;
    if p_enforcement <> 'detect' then
        perform plumb.refuse_untrusted_casts();
    end if;
    update plumb.invariants as i
    set enforcement = p_enforcement
    where i.name = p_name;
    if not found then
        raise exception 'there is no invariant %', quote_nullable(p_name)
            using errcode = 'PL001', hint = 'select name from plumb.invariants;';
    end if;
    if p_enforcement <> 'detect' and not exists (
        select from plumb.invariant_watches as w
        where w.invariant = p_name
        group by w.view_column
        having count(distinct w.relation) = (
            select count(distinct o.relation)
            from plumb.invariant_watches as o
            where o.invariant = p_name
        )
    ) then
        raise exception
            '% cannot be enforced: its tables share no watched column of its view', p_name
            using errcode = 'PL005',
            hint = 'plumb.watch_table() names, for each table, the view''s column they share.';
    end if;
    perform plumb.attach_enforcement(p_name);
end;
$$;
comment on function plumb.enforce_invariant(text, text) is
'detect: find violations later. commit, statement: refuse, then, what would cause one (23514).';
grant execute on function plumb.enforce_invariant(text, text) to plumb_operator;
