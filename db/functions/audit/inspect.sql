-- Runs a query that reads relations of others, with the rights of plumb_inspector, which owns
-- nothing there, is a member of nothing and may read what is audited or declared, no more. It is
-- the only function that reads such relations: planning a query alone runs code that the owner of
-- a table wrote (index expressions, statistics, domains), and it must not run with our rights.
--
-- That code runs as the owner of this very function, so the transaction is read-only meanwhile,
-- which nothing inside a subtransaction can undo. The subtransaction is always rolled back, for
-- settings, cursors, locks and temporary objects of that code would outlive it otherwise; the rows
-- are kept outside of it. After the query no name is looked up without its schema before the
-- rollback, for the search_path may be anything by then, and no error counts as the end but the
-- one raised here, whatever its code. Prepared statements outlive a rollback, so those that were
-- prepared meanwhile are removed: one could have taken the name of a statement of the client.
--
-- STABLE, so that it sees exactly what the calling statement sees. As the superuser makes it, its
-- owner needs no right to create anything.
reset role;
create or replace function plumb.inspect(
    p_query text, p_keys text[] default null, p_lock_timeout_ms integer default null
)
returns table (key text, value jsonb)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_settings text;
    v_settings_after text;
    v_is_read boolean := false;
begin
    begin
        perform
            set_config('transaction_read_only', 'on', true),
            set_config('row_security', 'off', true);
        if p_lock_timeout_ms is not null then
            perform set_config('lock_timeout', p_lock_timeout_ms::text, true);
        end if;
        v_settings := concat_ws(
            '|',
            current_setting('search_path'),
            current_setting('TimeZone'),
            current_setting('DateStyle'),
            current_setting('IntervalStyle'),
            current_setting('bytea_output'),
            current_setting('extra_float_digits'),
            current_setting('lc_monetary'),
            current_setting('xmloption'),
            current_setting('row_security')
        );
        return query execute p_query using p_keys;
        v_settings_after := pg_catalog.concat_ws(
            '|',
            pg_catalog.current_setting('search_path'),
            pg_catalog.current_setting('TimeZone'),
            pg_catalog.current_setting('DateStyle'),
            pg_catalog.current_setting('IntervalStyle'),
            pg_catalog.current_setting('bytea_output'),
            pg_catalog.current_setting('extra_float_digits'),
            pg_catalog.current_setting('lc_monetary'),
            pg_catalog.current_setting('xmloption'),
            pg_catalog.current_setting('row_security')
        );
        v_is_read := true;
        raise exception 'read' using errcode = 'PL000', hint = 'Undoes what the query set.';
    exception
        when query_canceled or assert_failure or others then
            perform plumb.refuse_prepared();
            if not v_is_read or sqlstate <> 'PL000' then
                raise;
            end if;
    end;
    if v_settings <> v_settings_after then
        raise exception 'code of others changed settings while a relation was read'
            using errcode = 'PL007',
            detail = format('from %s to %s', v_settings, v_settings_after),
            hint = 'What it read cannot be trusted. Look at the functions that the owner of the'
            ' relation attached to it: indexes, statistics, domains, views.';
    end if;
end;
$$;
comment on function plumb.inspect(text, text[], integer) is
'Rows (key, value) of a query on relations of others, read as plumb_inspector. $1 is p_keys.';
alter function plumb.inspect(text, text[], integer) owner to plumb_inspector;
revoke execute on function plumb.inspect(text, text[], integer) from public;
grant execute on function plumb.inspect(text, text[], integer) to plumb_owner;
