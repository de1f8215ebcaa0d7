-- Records that DDL changed what the publication of the audit log has of a captured table, or (null)
-- the publication itself. That is also to be known when it is as it should be again: what was
-- written meanwhile is not in the log.
create or replace function plumb.note_changed_publication(p_relation text, p_tag text)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    select plumb.note_event(
        'publication_was_changed',
        a.relation,
        plumb.ddl_reason(p_tag),
        'P2',
        'a publication that nobody touches',
        'plumb_audit'
    )
    from plumb.audited_tables as a
    where a.capture = 'wal' and (p_relation is null or a.relation = p_relation)
$$;
comment on function plumb.note_changed_publication(text, text) is
'Record that the publication of a captured table (null: of all) was changed.';
