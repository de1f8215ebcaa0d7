-- Lists the tables and columns that the arguments of a rule name, by OID and number, so that the
-- rule follows them when they get other names.
create or replace function plumb.rule_places(p_template text, p_arguments jsonb)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_object_agg(r.relation, r.place)
    from (
        select
            n.relation,
            jsonb_build_object(
                'oid', plumb.find_relation(n.relation)::oid::bigint,
                'columns', (
                    select jsonb_object_agg(a.attname, a.attnum)
                    from pg_attribute as a
                    where
                        a.attrelid = plumb.find_relation(n.relation)
                        and a.attnum > 0
                        and not a.attisdropped
                )
            ) as place
        from (
            select distinct p_arguments ->> p.parameter as relation
            from plumb.rule_parameters(p_template) as p
            where p.kind = 'relation' and p_arguments ? p.parameter
        ) as n
    ) as r
$$;
comment on function plumb.rule_places(text, jsonb) is
'{"schema.table": {"oid": …, "columns": {"name": number}}} of the tables that a rule names.';
