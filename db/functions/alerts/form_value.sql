-- Returns the value of one member of a form (application/x-www-form-urlencoded), as Slack posts it:
-- one member, which holds JSON.
create or replace function plumb.form_value(p_form text, p_name text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select convert_from(
        decode(
            string_agg(
                case
                    when p.part[1] ~ '^%[0-9A-Fa-f]{2}$' then substr(p.part[1], 2)
                    when p.part[1] = '+' then '20'
                    else encode(convert_to(p.part[1], 'UTF8'), 'hex')
                end,
                '' order by p.position
            ),
            'hex'
        ),
        'UTF8'
    )
    from (
        select substr(m.member, length(p_name) + 2) as value
        from unnest(string_to_array(p_form, '&')) as m (member)
        where starts_with(m.member, p_name || '=')
        limit 1
    ) as f
    cross join lateral regexp_matches(f.value, '%[0-9A-Fa-f]{2}|[+]|[^%+]+|%', 'g')
        with ordinality as p (part, position)
$$;
comment on function plumb.form_value(text, text) is
'The decoded value of one member of a form; null when it has none.';
