-- Every token there is or was, without what would let anybody use it.
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
