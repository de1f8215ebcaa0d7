-- Runs the job security: reads what the request layer and applications recorded, the server's log
-- and the privileges in the catalogs, and opens incidents, which resolve when the cause is over.
create or replace function plumb.run_security_scan()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_since constant timestamptz := v_now - plumb.setting_interval('brute_force_window_seconds');
    v_log_complaint text;
    v_found record;
    v_report text := '';
    v_count bigint;
begin
    update plumb.security_blocks as b
    set lifted_at = b.blocked_until, lifted_by = 'expiry'
    where b.lifted_at is null and b.blocked_until <= v_now;
    v_log_complaint := plumb.read_server_log();
    perform plumb.note_privileges();

    select
        count(*) as number,
        string_agg(
            format('%s %s: %s %s', a.target, a.subject, a.failures, a.what),
            e'\n'
            order by a.failures desc, a.subject
        ) filter (where a.row_number <= 20) as list
    into v_found
    from (
        select t.*, row_number() over (order by t.failures desc, t.subject)
        from plumb.attackers as t
    ) as a;
    v_report := v_report || plumb.judge_threat(
        'BRUTE_FORCE',
        'P2',
        v_found.number,
        format(
            'Brute force by or against %s',
            plumb.counted(v_found.number, 'client or account', 'clients or accounts')
        ),
        v_found.list
    );

    select
        count(distinct e.client) as number,
        string_agg(distinct e.client, e'\n') as list
    into v_found
    from plumb.security_events as e
    where e.kind = 'rate_abuse' and e.occurred_at > v_since;
    v_report := v_report || plumb.judge_threat(
        'RATE_ABUSE',
        'P3',
        v_found.number,
        plumb.counted(
            v_found.number, 'client ignores its rate limit', 'clients ignore their rate limit'
        ),
        left(v_found.list, 2000)
    );

    select coalesce(sum(e.event_count), 0) into v_count
    from plumb.security_events as e
    where e.kind = 'wrong_override_token' and e.occurred_at > v_since;
    v_report := v_report || plumb.judge_threat(
        'WRONG_OVERRIDE_TOKEN',
        'P2',
        case when v_count >= plumb.setting_number('override_failures_max') then v_count else 0 end,
        plumb.counted(v_count, 'wrong override token'),
        'Wrong override tokens were used to end safe mode.'
    );

    select
        count(*) as number,
        string_agg(
            concat_ws(' ', c.change, c.privilege, 'on', c.kind, c.object, c.grantee),
            e'\n'
            -- Who became superuser stands in the first line, which is what a pager shows.
            order by c.privilege ~* 'superuser' desc, c.kind, c.object, c.grantee, c.privilege
        ) as list
    into v_found
    from plumb.privilege_changes as c;
    v_report := v_report || plumb.judge_threat(
        'PRIVILEGE_CHANGE',
        'P2',
        v_found.number,
        format(
            '%s from what was accepted',
            plumb.counted(v_found.number, 'privilege differs', 'privileges differ')
        ),
        left(v_found.list, 2000)
    );

    select count(*) into v_count
    from plumb.security_events as e
    where
        e.kind = 'rate_limiter_degraded'
        and e.occurred_at > v_since
        and not exists (
            select
            from plumb.security_events as r
            where r.kind = 'rate_limiter_restored' and r.occurred_at > e.occurred_at
        );
    v_report := v_report || plumb.judge_threat(
        'RATE_LIMITER_DEGRADED',
        'P4',
        v_count,
        'Redis is away, PostgreSQL counts requests',
        'Limits hold, each request costs the database a little more.'
    );

    v_report := v_report || plumb.judge_threat(
        'SERVER_LOG_UNREADABLE',
        'P4',
        (v_log_complaint <> '')::integer,
        'Failed logins to PostgreSQL go unseen',
        v_log_complaint
    );
    return coalesce(nullif(left(v_report, -2), ''), 'nothing suspicious');
end;
$$;
comment on function plumb.run_security_scan() is
'Judge attacks and privileges, open and resolve security incidents; says what is suspicious.';
grant execute on function plumb.run_security_scan() to plumb_worker;
