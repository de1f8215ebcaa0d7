-- Stops checking and enforcing an invariant for a while, by a person who says why. The job that
-- checks enables it again when the time has come.
create or replace function plumb.disable_invariant(
    p_name text, p_until timestamptz, p_reason text, p_by text
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform plumb.expect_text('a reason', p_reason);
    perform plumb.expect_text('a name', p_by);
    if (p_until > plumb.current_time()) is not true then
        raise exception '% cannot be disabled until %',
            quote_nullable(p_name), coalesce(p_until::text, 'no time')
            using errcode = 'PL002',
            hint = 'Name a time to come; plumb.tune_invariant() disables without an end.';
    end if;
    perform plumb.tune_invariant(p_name, p_is_enabled => false);
    update plumb.invariants as i
    set disabled_until = p_until, disabled_reason = p_reason, disabled_by = p_by
    where i.name = p_name;
end;
$$;
comment on function plumb.disable_invariant(text, timestamptz, text, text) is
'Stop checking and enforcing an invariant until a time.';
grant execute on function plumb.disable_invariant(text, timestamptz, text, text) to plumb_operator;
