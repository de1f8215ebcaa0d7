-- Computes HMAC-SHA-256 (RFC 2104) by PostgreSQL's own sha256(), because pgcrypto is not
-- everywhere.
create or replace function plumb.hmac_sha256(p_key bytea, p_message bytea)
returns bytea
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select sha256(m.outer_key || sha256(m.inner_key || p_message))
    from (
        select
            decode(
                string_agg(lpad(to_hex(get_byte(k.key, n.n) # 92), 2, '0'), '' order by n.n), 'hex'
            ) as outer_key,
            decode(
                string_agg(lpad(to_hex(get_byte(k.key, n.n) # 54), 2, '0'), '' order by n.n), 'hex'
            ) as inner_key
        from (
            select b.key || decode(repeat('00', 64 - length(b.key)), 'hex') as key
            from (
                select case when length(p_key) > 64 then sha256(p_key) else p_key end as key
            ) as b
        ) as k
        cross join generate_series(0, 63) as n (n)
    ) as m
$$;
comment on function plumb.hmac_sha256(bytea, bytea) is
'HMAC-SHA-256 of a message under a key.';
revoke execute on function plumb.hmac_sha256(bytea, bytea) from public;
