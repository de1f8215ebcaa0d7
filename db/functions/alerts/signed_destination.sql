-- Finds out which destination signed a request. PagerDuty sends several signatures while a secret
-- is replaced. Digests are compared instead of signatures, so that the time of the comparison
-- reveals nothing.
create or replace function plumb.signed_destination(
    p_kind text, p_body bytea, p_signature text, p_timestamp text
)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select s.destination
    from plumb.destination_secrets as s
    inner join plumb.destinations as d on d.destination = s.destination
    cross join lateral plumb.hmac_sha256(
        convert_to(s.webhook_secret, 'UTF8'),
        case p_kind
            when 'slack' then convert_to('v0:' || p_timestamp || ':', 'UTF8') || p_body
            else p_body
        end
    ) as m (mac)
    where
        d.kind = p_kind
        and s.webhook_secret <> ''
        and exists (
            select
            from regexp_split_to_table(p_signature, '\s*,\s*') as g (given)
            where
                sha256(convert_to(g.given, 'UTF8')) = sha256(convert_to(
                    case p_kind when 'slack' then 'v0=' else 'v1=' end || encode(m.mac, 'hex'),
                    'UTF8'
                ))
        )
    order by s.destination
    limit 1
$$;
comment on function plumb.signed_destination(text, bytea, text, text) is
'The destination whose webhook secret signed a request; null when none did.';
revoke execute on function plumb.signed_destination(text, bytea, text, text) from public;
