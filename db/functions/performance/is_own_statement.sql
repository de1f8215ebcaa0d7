-- Returns whether a statement asks for something of ours: looking at Plumbline, or a scrape of its
-- metrics, may take its time and is no fault of the application. A name that the application has as
-- well is the application's, unless our schema stands before it. A backup reads whole tables by
-- COPY, and takes the longer the more there is.
create or replace function plumb.is_own_statement(p_query text)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        p_query ~* '\mplumb(_guide)?"?\s*\.'
        or p_query ~* '^\s*copy\M.*\mto\s+stdout\M'
        or exists (
            select from (
                select lower(m[1]) as name
                from regexp_matches(p_query, '([A-Za-z_][A-Za-z0-9_]*)', 'g') as m
                limit 1000
            ) as w
            where
                exists (
                    select from (
                        select c.relname as name, c.relnamespace as namespace
                        from pg_class as c
                        where c.relkind in ('r', 'v', 'p') and c.relname = w.name
                        union all
                        select p.proname, p.pronamespace
                        from pg_proc as p
                        where p.proname = w.name
                    ) as o
                    having
                        bool_or(o.namespace in ('plumb'::regnamespace, 'plumb_guide'::regnamespace))
                        and bool_and(
                            o.namespace in ('plumb'::regnamespace, 'plumb_guide'::regnamespace)
                        )
                )
        )
$$;
comment on function plumb.is_own_statement(text) is
'Whether a statement asks for something of Plumbline''s own.';
