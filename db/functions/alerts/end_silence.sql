-- Ends a silence or maintenance window before its time; what it held goes out if it still holds.
create or replace function plumb.end_silence(p_silence_id bigint, p_by text default session_user)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform plumb.expect_text('the name of the person', p_by);
    update plumb.silences as s
    set ended_at = plumb.current_time(), ended_by = p_by
    where
        s.silence_id = p_silence_id
        and s.ended_at is null
        and coalesce(
            s.repeats_until, case when s.repeats_every is null then s.ends_at end, 'infinity'
        ) > plumb.current_time();
    if not found then
        raise exception 'there is no silence % in force or to come', p_silence_id
            using errcode = 'PL001', hint = 'select * from plumb.active_silences;';
    end if;
    return plumb.describe_silence(p_silence_id);
end;
$$;
comment on function plumb.end_silence(bigint, text) is
'End a silence or maintenance window now; PL001 when none such is in force or to come.';
grant execute on function plumb.end_silence(bigint, text) to plumb_operator, plumb_api;
