-- Lists every token, without the hash.
create view plumb.token_list as
select
    t.name,
    t.scope,
    case
        when t.revoked_at is not null then 'revoked'
        when t.expires_at <= plumb.current_time() then 'expired'
        else 'live'
    end as status,
    t.created_by,
    t.created_at,
    t.expires_at,
    t.last_used_at,
    t.revoked_at,
    t.revoked_by
from plumb.api_tokens as t
order by t.created_at;
comment on view plumb.token_list is 'API tokens: scope, status, since when, last used.';
comment on column plumb.token_list.name is 'The name that stands beside what it does.';
comment on column plumb.token_list.scope is 'read, operate or admin.';
comment on column plumb.token_list.status is 'live, expired or revoked.';
comment on column plumb.token_list.created_by is 'Who created it.';
comment on column plumb.token_list.created_at is 'When it was created.';
comment on column plumb.token_list.expires_at is 'When it expires.';
comment on column plumb.token_list.last_used_at is 'When it was last sent.';
comment on column plumb.token_list.revoked_at is 'When it was revoked; null while it is valid.';
comment on column plumb.token_list.revoked_by is 'Who revoked it.';
