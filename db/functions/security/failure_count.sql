-- Counts the recent failures of a client, those with a wrong secret apart from others: a wrong
-- secret is rarely a mistake, a 401 or 403 often is.
create or replace function plumb.failure_count(p_client text, p_is_secret boolean)
returns bigint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(sum(e.event_count), 0)::bigint
    from plumb.security_events as e
    where
        e.client = plumb.client_key(p_client)
        and e.kind = any(
            case
                when p_is_secret then '{failed_login,failed_database_login,invalid_token}'
                else '{http_unauthorized,http_forbidden}'
            end::text[]
        )
        and plumb.is_recent(
            e.occurred_at, plumb.setting_interval('brute_force_window_seconds')
        )
$$;
comment on function plumb.failure_count(text, boolean) is
'Failures of a client in the brute force window: wrong secrets, or HTTP 401 and 403.';
