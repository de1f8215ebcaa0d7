-- An anchor counts only where something outside accepted it: whoever can rewrite the database could
-- rewrite a file that lies beside it as well.
alter table plumb.audit_anchors add column is_outside boolean not null default false;
update plumb.audit_anchors
set is_outside = true
where target ~* '^https:';

-- They say or take now whether the anchor is outside.
drop function if exists plumb.record_anchor(text, bigint);
drop function if exists plumb.py_append_anchor(text, text, text);
