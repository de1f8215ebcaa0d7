-- Removes keys and addresses from an error text, because every reader may see error texts.
create or replace function plumb.redact(p_text text, p_secrets text[])
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_secret text;
    v_text text := p_text;
begin
    for v_secret in
        select s.secret
        from unnest(p_secrets) as s (secret)
        where length(s.secret) > 5
        -- The longest first: what is left of a whole when its part is gone could still be read.
        order by length(s.secret) desc
    loop
        v_text := replace(v_text, v_secret, '***');
    end loop;
    return v_text;
end;
$$;
comment on function plumb.redact(text, text[]) is 'A text with secrets replaced by ***.';
