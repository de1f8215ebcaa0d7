-- Says what the tables of engine security and their columns hold, for \d+ and docs/reference.

comment on table plumb.api_calls is
'Every call that writes, recorded before it is carried out, and how it was answered.';
comment on column plumb.api_calls.api_call_id is 'Its number.';
comment on column plumb.api_calls.source is 'Which service answered it.';
comment on column plumb.api_calls.method is 'The HTTP method.';
comment on column plumb.api_calls.path is 'The path that was requested.';
comment on column plumb.api_calls.client is
'Network address of the client; an IPv6 client stands for its whole network.';
comment on column plumb.api_calls.actor is 'The token''s name, or who the request names.';
comment on column plumb.api_calls.scope is 'The scope of the token.';
comment on column plumb.api_calls.decision is 'Whether it was let in, or why it was refused.';
comment on column plumb.api_calls.status is
'HTTP status of the answer; null while it runs, or when the service died before answering.';
comment on column plumb.api_calls.called_at is 'When it arrived.';
comment on column plumb.api_calls.answered_at is 'When it was answered; null when it was not.';

comment on table plumb.api_tokens is
'Who may call over HTTP, and what. Only the SHA-256 of a token is kept: it is 256 random bits.';
comment on column plumb.api_tokens.api_token_id is 'Its number.';
comment on column plumb.api_tokens.name is 'The name that stands beside what it does.';
comment on column plumb.api_tokens.scope is 'record, read, operate or admin.';
comment on column plumb.api_tokens.token_hash is
'SHA-256 of the token; the token itself is not stored.';
comment on column plumb.api_tokens.created_by is 'Who created it.';
comment on column plumb.api_tokens.created_at is 'When it was created.';
comment on column plumb.api_tokens.expires_at is 'When it expires.';
comment on column plumb.api_tokens.last_used_at is 'When it was last sent.';
comment on column plumb.api_tokens.revoked_at is 'When it was revoked; null while it is valid.';
comment on column plumb.api_tokens.revoked_by is 'Who revoked it.';

comment on table plumb.privilege_acceptances is
'The acceptances of privileges: who accepted them, when, why, and what had changed.';
comment on column plumb.privilege_acceptances.privilege_acceptance_id is 'Its number.';
comment on column plumb.privilege_acceptances.reason is 'Why, in words.';
comment on column plumb.privilege_acceptances.accepted_by is 'Who accepted the rights as they are.';
comment on column plumb.privilege_acceptances.accepted_at is 'When they were accepted.';
comment on column plumb.privilege_acceptances.changes is 'What was accepted, as JSON.';

comment on table plumb.privileges is
'Every right: whether a person accepted it, and whether the last scan found it.';
comment on column plumb.privileges.kind is 'The kind of object.';
comment on column plumb.privileges.object is 'The object that the right is about.';
comment on column plumb.privileges.grantee is 'Who has the right.';
comment on column plumb.privileges.privilege is 'The right.';
comment on column plumb.privileges.is_accepted is 'Whether a person accepted it.';
comment on column plumb.privileges.is_present is 'Whether it is there now.';
comment on column plumb.privileges.changed_at is 'When a change was last noticed.';

comment on table plumb.rate_limits is
'How many requests one client may make per class of routes in a sliding window.';
comment on column plumb.rate_limits.route_class is
'Which kind of route: read, write, mode or another class of plumb.rate_limits.';
comment on column plumb.rate_limits.position is 'Its place in the order.';
comment on column plumb.rate_limits.route_pattern is
'Regular expression over "METHOD /path"; the lowest position that matches decides.';
comment on column plumb.rate_limits.requests_max is
'How many requests a client may make in one window.';
comment on column plumb.rate_limits.window_seconds is 'The length of the window, in seconds.';

comment on table plumb.request_counters is
'Requests of each client in this window and the one before; unlogged, so a crash empties it.';
comment on column plumb.request_counters.client is
'Network address of the client; an IPv6 client stands for its whole network.';
comment on column plumb.request_counters.route_class is
'Which kind of route: read, write, mode or another class of plumb.rate_limits.';
comment on column plumb.request_counters.slot is
'Which of the counters of this client and class, so that requests at once do not wait.';
comment on column plumb.request_counters.window_started_at is 'When the window began.';
comment on column plumb.request_counters.request_count is 'How many requests.';
comment on column plumb.request_counters.previous_count is 'Requests in the window before.';
comment on column plumb.request_counters.refused_count is 'Requests that were refused.';

comment on table plumb.security_allow_list is 'Networks that are never blocked and never limited.';
comment on column plumb.security_allow_list.network is
'The network whose clients are never limited or blocked.';
comment on column plumb.security_allow_list.reason is 'Why, in words.';
comment on column plumb.security_allow_list.added_by is 'Who added it.';
comment on column plumb.security_allow_list.added_at is 'When it was added.';

comment on table plumb.security_blocks is 'The blocks of clients, and until when each lasts.';
comment on column plumb.security_blocks.security_block_id is 'Its number.';
comment on column plumb.security_blocks.client is
'Network address of the client; an IPv6 client stands for its whole network.';
comment on column plumb.security_blocks.reason is 'Why, in words.';
comment on column plumb.security_blocks.block_count is
'Which block in a row this is; each lasts twice as long as the one before.';
comment on column plumb.security_blocks.blocked_by is 'Who blocked the client.';
comment on column plumb.security_blocks.blocked_at is 'When the block began.';
comment on column plumb.security_blocks.blocked_until is 'When the block ends by itself.';
comment on column plumb.security_blocks.lifted_at is 'When a person ended it.';
comment on column plumb.security_blocks.lifted_by is 'Who ended it.';
comment on column plumb.security_blocks.network is
'The addresses refused; null when the client is known by a name of the application.';
comment on column plumb.security_blocks.is_automatic is
'Whether Plumbline did it by itself, not a person.';
comment on column plumb.security_blocks.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';

comment on table plumb.security_events is 'Events that look like an attack.';
comment on column plumb.security_events.security_event_id is 'Its number.';
comment on column plumb.security_events.kind is 'What happened, such as brute_force.';
comment on column plumb.security_events.severity is 'P1 to P4.';
comment on column plumb.security_events.client is
'Network address of the client; an IPv6 client stands for its whole network.';
comment on column plumb.security_events.actor is 'The account or the token that it is about.';
comment on column plumb.security_events.details is 'More facts, as JSON.';
comment on column plumb.security_events.occurred_at is 'When it happened.';
comment on column plumb.security_events.event_count is
'How often it happened since occurred_at; the same event within a minute shares a row.';
comment on column plumb.security_events.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';

comment on table plumb.server_log_position is
'How far the server''s JSON log was read for failed logins.';
comment on column plumb.server_log_position.id is 'Always 1: there is one row.';
comment on column plumb.server_log_position.file_name is 'The log file that was read last.';
comment on column plumb.server_log_position.inode is
'Its inode, to recognize a file of the same name.';
comment on column plumb.server_log_position.byte_offset is 'Up to which byte it was read.';
comment on column plumb.server_log_position.read_at is 'When it was read.';
