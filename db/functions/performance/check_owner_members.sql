-- Counts roles that have the rights of plumb_owner or plumb_inspector. A member of plumb_owner can
-- replace functions that the superuser's code calls, and so becomes a superuser; a member of
-- plumb_inspector can change how the tables of others are read.
create or replace function plumb.check_owner_members()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'owner_members',
        count(*),
        'members',
        coalesce(
            string_agg(format('%s is a member of %s', m.member::regrole, m.roleid::regrole), ', '),
            'no role is a member of plumb_owner or plumb_inspector'
        ),
        coalesce(
            left(
                string_agg(format('revoke %s from %s;', m.roleid::regrole, m.member::regrole), ' '),
                2000
            ),
            ''
        )
    )
    from pg_auth_members as m
    where
        m.roleid in ('plumb_owner'::regrole, 'plumb_inspector'::regrole)
        -- Else they are the installing role, which has the members that its server gave it.
        and (select bool_and(i.is_by_superuser) from plumb.installation as i)
$$;
comment on function plumb.check_owner_members() is
'Number of roles that have the rights of plumb_owner or plumb_inspector; there should be none.';
grant execute on function plumb.check_owner_members() to plumb_reader;
