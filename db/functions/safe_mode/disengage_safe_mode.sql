-- Disengages safe mode for a person who knows the override token. It answers instead of raising,
-- because a wrong token must leave a record and a raised error would roll that record back. Each
-- wrong token doubles the wait before the next is looked at; a right one is used up.
create or replace function plumb.disengage_safe_mode(p_override_token text, p_disabled_by text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_mode plumb.system_mode;
begin
    perform plumb.expect_text('the name of the person', p_disabled_by);
    perform plumb.lock_system_mode();
    select m.* into v_mode from plumb.system_mode as m where m.id = 1;
    if v_mode.mode = 'normal' then
        return jsonb_build_object('result', 'not_engaged') || plumb.describe_system_mode();
    elsif v_mode.override_token is null then
        return jsonb_build_object('result', 'no_token_set') || plumb.describe_system_mode();
    elsif v_mode.override_locked_until > v_now then
        return jsonb_build_object(
            'result', 'locked',
            'retryAfterSeconds', ceil(extract(epoch from v_mode.override_locked_until - v_now))
        ) || plumb.describe_system_mode();
    elsif
        p_override_token is null
        or plumb.hash_override_token(p_override_token, split_part(v_mode.override_token, '$', 2))
        <> v_mode.override_token
    then
        update plumb.system_mode
        set
            override_failure_count = v_mode.override_failure_count + 1,
            override_locked_until = v_now + make_interval(
                secs => least(
                    plumb.setting_number('override_lock_seconds')
                    * power(2, least(v_mode.override_failure_count, 30)),
                    plumb.setting_number('override_lock_seconds_max')
                )::double precision
            )
        where id = 1;
        insert into plumb.security_events (kind, severity, actor, details, occurred_at)
        values (
            'wrong_override_token',
            'P2',
            p_disabled_by,
            jsonb_build_object('failures', v_mode.override_failure_count + 1),
            v_now
        );
        return jsonb_build_object('result', 'wrong_token') || plumb.describe_system_mode();
    end if;
    update plumb.system_mode
    set
        mode = 'normal',
        disabled_by = p_disabled_by,
        disabled_at = v_now,
        override_token = null,
        override_failure_count = 0,
        override_locked_until = null
    where id = 1;
    insert into plumb.system_mode_changes (mode, reason, actor, is_automatic, changed_at)
    values ('normal', 'override token given', p_disabled_by, false, v_now);
    insert into plumb.outbox (topic, dedup_key, payload, created_at)
    values ('safe_mode.disengaged', 'plumb:safe_mode', plumb.describe_system_mode(), v_now);
    return jsonb_build_object('result', 'disengaged') || plumb.describe_system_mode();
end;
$$;
comment on function plumb.disengage_safe_mode(text, text) is
'End safe mode. result: disengaged, not_engaged, no_token_set, wrong_token or locked.';
grant execute on function plumb.disengage_safe_mode(text, text) to plumb_operator, plumb_api;
