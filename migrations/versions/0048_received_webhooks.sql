-- What PagerDuty and Slack send back is signed with a secret of the destination, and each event
-- counts once.
alter table plumb.destination_secrets add column webhook_secret text not null default '';

create table plumb.received_webhooks (
    destination text not null references plumb.destinations on delete cascade,
    event_key text not null,
    received_at timestamptz not null,
    primary key (destination, event_key)
);
alter table plumb.received_webhooks owner to plumb_owner;
grant select on plumb.received_webhooks to plumb_reader;
comment on table plumb.received_webhooks is
'Events that PagerDuty and Slack sent, so that none is carried out twice.';
create index received_webhooks_received_at_idx on plumb.received_webhooks (received_at);

alter table plumb.api_tokens drop constraint api_tokens_scope_check;
alter table plumb.api_tokens add constraint api_tokens_scope_check
check (scope in ('record', 'read', 'operate', 'admin'));
