-- Only these names of ours may stand on a search_path; db/guide fills the schema with views.
create schema plumb_guide authorization plumb_owner;
comment on schema plumb_guide is
'The tables of the architecture guide under the guide''s own names.';
grant usage on schema plumb_guide to plumb_reader, plumb_auditor, plumb_operator;
