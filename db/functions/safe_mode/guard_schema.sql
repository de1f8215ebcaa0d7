-- Guards a schema that is in use: one table a transaction, with a short wait for its lock, so that
-- no application transaction can deadlock with it or wait for long. Tables that others keep locked
-- are tried again. What is guarded stays so when it is called again.
create or replace procedure plumb.guard_schema(p_schema text, p_rounds_max integer default 60)
language plpgsql
as $$
declare
    v_next record;
    v_passed_over text [];
    v_round integer := 1;
begin
    -- A procedure that commits cannot carry its own search_path.
    commit;
    set local search_path to pg_catalog, pg_temp;
    v_passed_over := array[]::text [];
    loop
        select n.relation, n.is_locked into v_next
        from plumb.guard_next(p_schema, v_passed_over) as n;
        commit;
        set local search_path to pg_catalog, pg_temp;
        if v_next.relation is null then
            exit when v_passed_over = '{}';
            if v_round >= p_rounds_max then
                raise exception 'locked by others all the time: %',
                    array_to_string(v_passed_over, ', ')
                    using errcode = 'PL004',
                    hint = 'What is guarded stays so. End their transactions, or try again later.';
            end if;
            v_round := v_round + 1;
            v_passed_over := array[]::text [];
            perform pg_sleep(0.5);
        elsif v_next.is_locked then
            v_passed_over := v_passed_over || v_next.relation;
        else
            raise notice '% is guarded', v_next.relation;
        end if;
    end loop;
    if (p_schema = any(plumb.guarded_schemas())) is not true then
        perform plumb.change_setting(
            'guarded_schemas',
            concat_ws(', ', nullif(plumb.setting('guarded_schemas'), ''), p_schema)
        );
    end if;
    commit;
end;
$$;
comment on procedure plumb.guard_schema is
'Guard every table of a schema, one a transaction, and those that come into it later.';
grant execute on procedure plumb.guard_schema(text, integer) to plumb_operator;
