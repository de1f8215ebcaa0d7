-- Records what the WAL showed of a captured table that a person has to know: rows that a session
-- wrote without saying who it is, for the trigger was off; rows of which the WAL has no whole old
-- row, for the replica identity was changed; a partition that was emptied unseen; a row that is too
-- large for JSON. Where the log does not imply the table any more, it waits for a baseline.
create or replace function plumb.note_captured(
    p_kind text, p_relation text, p_place text, p_count bigint
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform plumb.note_event(
        p_kind,
        p_relation,
        nullif(p_place, ''),
        case p_kind when 'actor_missing' then 'P1' else 'P2' end,
        case p_kind
            when 'actor_missing' then 'rows of sessions that say who they are'
            when 'old_row_incomplete' then 'replica identity full'
            when 'partition_emptied' then 'the rows that TRUNCATE removed'
            else 'a row that jsonb can hold'
        end,
        case p_kind
            when 'actor_missing'
                then format(
                    '%s without: the trigger plumb_audit_statement was off',
                    plumb.counted(p_count, 'row')
                )
            else plumb.counted(p_count, 'row')
        end
    );
    if p_kind <> 'actor_missing' then
        perform plumb.ask_for_baseline(a, p_kind)
        from plumb.audited_tables as a
        where a.relation = p_relation;
    end if;
end;
$$;
comment on function plumb.note_captured(text, text, text, bigint) is
'Record what the WAL showed of a captured table and its log does not.';
