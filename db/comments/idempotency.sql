-- Says what the tables of engine idempotency and their columns hold, for \d+ and docs/reference.

comment on table plumb.idempotency_keys is
'Answers already given, so that a request sent twice is carried out once.';
comment on column plumb.idempotency_keys.scope is 'Method and path of the request.';
comment on column plumb.idempotency_keys.idempotency_key is 'The key that the client sent.';
comment on column plumb.idempotency_keys.request_hash is
'The hash of the request, to recognize another request with the same key.';
comment on column plumb.idempotency_keys.status is 'in_progress or completed.';
comment on column plumb.idempotency_keys.response_status is 'The HTTP status that was answered.';
comment on column plumb.idempotency_keys.response_body is 'The body that was answered.';
comment on column plumb.idempotency_keys.created_at is 'When it was created.';
comment on column plumb.idempotency_keys.completed_at is 'When it was answered.';
comment on column plumb.idempotency_keys.expires_at is 'When it expires.';
comment on column plumb.idempotency_keys.claim_id is
'Changes whenever the key changes hands, so that a claimant given up for dead cannot answer.';
comment on column plumb.idempotency_keys.claimed_until is
'When an answer that never came is given up and the request may be tried again.';
comment on column plumb.idempotency_keys.response_headers is 'The headers that were answered.';
