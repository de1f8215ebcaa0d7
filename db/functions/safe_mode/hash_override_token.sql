-- Hashes an override token. It is short-lived and chosen by a person: a salt keeps equal tokens
-- apart, and many rounds make guessing slow for a thief of the table.
create or replace function plumb.hash_override_token(p_token text, p_salt text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_hash bytea := convert_to(p_salt || ':' || p_token, 'UTF8');
begin
    for i in 1..20000 loop
        v_hash := sha256(v_hash);
    end loop;
    return format('sha256r20000$%s$%s', p_salt, encode(v_hash, 'hex'));
end;
$$;
comment on function plumb.hash_override_token(text, text) is
'Salted, 20,000 times iterated SHA-256 of a token, as stored in system_mode.';
