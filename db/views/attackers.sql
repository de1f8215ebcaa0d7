-- Lists the clients and accounts with many recent failures, blocked or not.
create view plumb.attackers as
with thresholds as (
    select
        plumb.current_time() - plumb.setting_interval('brute_force_window_seconds') as since,
        plumb.setting_number('brute_force_failures_max') as failures_max,
        plumb.setting_number('brute_force_refusals_max') as refusals_max,
        plumb.setting_number('brute_force_account_failures_max') as account_failures_max
),

failures as (
    select
        e.client,
        e.actor,
        e.event_count,
        e.occurred_at,
        e.kind in ('failed_login', 'failed_database_login', 'invalid_token') as is_secret
    from plumb.security_events as e
    inner join thresholds as t on t.since < e.occurred_at
    where
        e.kind in (
            'failed_login',
            'failed_database_login',
            'invalid_token',
            'http_unauthorized',
            'http_forbidden'
        )
),

clients as (
    select
        'client' as target,
        f.client as subject,
        case when f.is_secret then 'wrong secrets' else 'refused requests' end as what,
        sum(f.event_count) as failures,
        case when f.is_secret then min(t.failures_max) else min(t.refusals_max) end as failures_max,
        max(f.occurred_at) as last_seen_at
    from failures as f
    cross join thresholds as t
    where f.client <> ''
    group by f.client, f.is_secret
),

accounts as (
    select
        'account' as target,
        f.actor as subject,
        'wrong secrets' as what,
        sum(f.event_count) as failures,
        min(t.account_failures_max) as failures_max,
        max(f.occurred_at) as last_seen_at
    from failures as f
    cross join thresholds as t
    where f.actor <> '' and f.is_secret
    group by f.actor
)

select
    a.target,
    a.subject,
    a.what,
    a.failures,
    a.failures_max,
    a.last_seen_at,
    case a.target when 'client' then plumb.blocked_until(a.subject) end as blocked_until
from (
    select c.* from clients as c
    union all
    select o.* from accounts as o
) as a
where a.failures >= a.failures_max
order by a.failures desc;
comment on view plumb.attackers is
'Clients and accounts with too many failures in the brute force window.';
comment on column plumb.attackers.target is 'client or account.';
comment on column plumb.attackers.subject is 'The client, or the account that is guessed at.';
comment on column plumb.attackers.what is 'wrong secrets or refused requests.';
comment on column plumb.attackers.failures is 'How many attempts failed within the window.';
comment on column plumb.attackers.failures_max is
'The number of failures from which on it is listed here and blocked.';
comment on column plumb.attackers.last_seen_at is 'When the newest attempt was made.';
comment on column plumb.attackers.blocked_until is 'When the block ends by itself.';
