-- Blocks a client that failed too often, with a threshold for wrong secrets and one for refusals.
create or replace function plumb.judge_client(p_client text, p_kind text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_is_secret constant boolean := p_kind in (
        'failed_login', 'failed_database_login', 'invalid_token'
    );
    v_failures constant bigint := plumb.failure_count(p_client, v_is_secret);
    v_failures_max constant numeric := plumb.setting_number(
        case
            when v_is_secret then 'brute_force_failures_max' else 'brute_force_refusals_max'
        end
    );
    v_until timestamptz;
begin
    if
        v_failures >= v_failures_max
        and plumb.client_key(p_client) <> ''
        and not plumb.is_allow_listed(p_client)
    then
        v_until := plumb._block_client(
            p_client,
            format(
                '%s within %s s, the last one %s',
                plumb.counted(v_failures, 'failure'),
                plumb.setting('brute_force_window_seconds'),
                p_kind
            ),
            'plumb',
            true
        );
    end if;
    return jsonb_build_object(
        'client', plumb.client_key(p_client),
        'failures', v_failures,
        'failuresMax', v_failures_max,
        'blocked', v_until is not null,
        'blockedUntil', v_until,
        'retryAfterSeconds', ceil(extract(epoch from v_until - plumb.current_time()))
    );
end;
$$;
comment on function plumb.judge_client(text, text) is
'Block a client when its failures of a kind''s family are too many; says how it stands.';
