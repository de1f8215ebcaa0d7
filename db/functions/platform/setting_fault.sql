-- Says which values a setting takes, if a value is not one of them. A value out of range could make
-- a check find nothing, without any sign.
create or replace function plumb.setting_fault(p_setting plumb.settings, p_value text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
    v_members constant text [] := array(
        select trim(m.member) from unnest(string_to_array(p_value, ',')) as m (member)
    );
    v_unit constant text := concat(' ', nullif(p_setting.unit, ''));
begin
    return case p_setting.kind
        when 'integer' then case
            when
                p_value ~ '^-?[0-9]{1,25}$'
                and p_value::numeric >= coalesce(p_setting.minimum, p_value::numeric)
                and p_value::numeric <= coalesce(p_setting.maximum, p_value::numeric)
                then null
            else rtrim(concat('a whole number', plumb.setting_range(p_setting), v_unit))
        end
        when 'number' then case
            when
                p_value ~ '^-?[0-9]{1,25}(\.[0-9]{1,10})?$'
                and p_value::numeric >= coalesce(p_setting.minimum, p_value::numeric)
                and p_value::numeric <= coalesce(p_setting.maximum, p_value::numeric)
                then null
            else rtrim(concat('a number', plumb.setting_range(p_setting), v_unit))
        end
        when 'boolean' then case
            when p_value in ('true', 'false') then null
            else 'true or false'
        end
        when 'choice' then case
            when p_value = any(p_setting.choices) then null
            else 'one of ' || array_to_string(p_setting.choices, ', ')
        end
        when 'list' then case
            when p_value = '' or v_members <@ p_setting.choices then null
            else 'nothing or a list of ' || array_to_string(p_setting.choices, ', ')
        end
        when 'list of at least one' then case
            when p_value <> '' and v_members <@ p_setting.choices then null
            else 'a list of at least one of ' || array_to_string(p_setting.choices, ', ')
        end
        when 'URL' then case
            when plumb.is_safe_url(p_value) then null
            else 'an https:// address, or http:// on a host of plain_http_hosts'
        end
        when 'secret URL' then case
            when p_value = p_setting.default_value or plumb.is_safe_url(p_value) then null
            else concat(
                case when p_setting.default_value = '' then 'nothing or ' end,
                'an https:// address, or http:// on a host of plain_http_hosts'
            )
        end
        when 'URL or empty' then case
            when p_value = '' or plumb.is_safe_url(p_value) then null
            else 'nothing or an https:// address, or http:// on a host of plain_http_hosts'
        end
        when 'hosts' then case
            when
                p_value = ''
                or not exists (
                    select
                    from unnest(v_members) as m (member)
                    where
                        m.member !~ '^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$'
                        and m.member !~ '^[0-9A-Fa-f]*:[0-9A-Fa-f:.]*$'
                )
                then null
            else 'a list of host names and addresses, without * and without port'
        end
        when 'words' then case
            when p_value ~ '^([a-z0-9_]+(, *[a-z0-9_]+)*)?$' then null
            else 'words of small letters, digits and underscores, or nothing'
        end
        when 'schemas' then case
            when
                not exists (
                    select
                    from unnest(v_members) as m (member)
                    where
                        m.member in ('plumb', 'information_schema')
                        or m.member ~ '^pg_'
                        or not exists (
                            select from pg_namespace as n where n.nspname = m.member
                        )
                )
                and p_value <> ''
                then null
            else 'a list of schemas of this database, and none of PostgreSQL''s or Plumbline''s'
        end
        when 'path' then case
            when p_value ~ '^(/[^[:cntrl:]]*)?$' then null
            else 'nothing or an absolute path'
        end
        else case
            when
                p_value !~ '[[:cntrl:]]'
                and length(p_value) <= 1000
                -- It is shown to everybody.
                and p_value !~ '://[^/]*@'
                then null
            else 'a line of at most 1000 characters, without user name and password'
        end
    end;
end;
$$;
comment on function plumb.setting_fault(plumb.settings, text) is
'What a setting takes, where the value is not of that kind; null where it is.';
