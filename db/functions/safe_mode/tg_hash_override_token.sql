-- Replaces an override token by its salted hash before it is stored, and forgets the wrong tokens
-- that were tried against the one before it.
create or replace function plumb.tg_hash_override_token()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.override_token = '' then
        raise exception 'the override token is empty'
            using errcode = 'PL002', hint = 'Choose a secret of at least a few characters.';
    elsif
        new.override_token is not null
        and new.override_token is distinct from old.override_token
    then
        new.override_token := plumb.hash_override_token(
            new.override_token, replace(gen_random_uuid()::text, '-', '')
        );
        new.override_failure_count := 0;
        new.override_locked_until := null;
    end if;
    return new;
end;
$$;
comment on function plumb.tg_hash_override_token() is 'Store the token''s hash, never the token.';
revoke execute on function plumb.tg_hash_override_token() from public;
