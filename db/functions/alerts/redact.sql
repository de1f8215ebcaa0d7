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
    foreach v_secret in array p_secrets loop
        if length(v_secret) > 5 then
            v_text := replace(v_text, v_secret, '***');
        end if;
    end loop;
    return v_text;
end;
$$;
comment on function plumb.redact(text, text[]) is 'A text with secrets replaced by ***.';
