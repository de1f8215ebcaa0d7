-- An address may hold a key in its path or its query. plumb.settings and plumb.audit_anchors, which
-- readers see, keep its host and a digest; the whole address stands here.
set local role plumb_owner;
create table plumb.setting_secrets (
    name text primary key,
    value text not null
);
comment on table plumb.setting_secrets is
'Addresses that may hold a key, by the name of their setting; for functions of Plumbline only.';
comment on column plumb.setting_secrets.name is 'The name of the setting.';
comment on column plumb.setting_secrets.value is 'The whole address.';
revoke all on plumb.setting_secrets from plumb_reader;
comment on column plumb.settings.kind is
'What it takes: integer, number, boolean, choice, list, URL, secret URL, hosts, schemas, path or
text.';
comment on column plumb.settings.value is
'The operator''s choice, or null for the default; of a secret URL the host and a digest.';

insert into plumb.setting_secrets (name, value)
select s.name, s.value
from plumb.settings as s
where s.name in ('audit_anchor_url', 'pagerduty_url') and s.value <> '';

reset role;

-- No trigger of an older release knows this form, which is that of plumb.shown_url().
set local session_replication_role = replica;
update plumb.settings as t
set
    value = coalesce(
        regexp_substr(
            t.value,
            '^https?://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(?=[/?#]|$)'
        ),
        'an address'
    ) || '/… (' || left(encode(sha256(convert_to(t.value, 'UTF8')), 'hex'), 8) || ')'
where t.name in ('audit_anchor_url', 'pagerduty_url') and t.value <> '';
-- What an older release took for anchored although nobody outside had accepted it.
delete from plumb.audit_anchors as t
where t.target !~ '^(/|https?://)';
update plumb.audit_anchors as t
set
    target = coalesce(
        regexp_substr(
            t.target,
            '^https?://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(?=[/?#]|$)'
        ),
        'an address'
    ) || '/… (' || left(encode(sha256(convert_to(t.target, 'UTF8')), 'hex'), 8) || ')'
where t.target like 'http%';
set local session_replication_role = origin;
