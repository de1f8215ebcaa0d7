-- Notes that DDL changed an audited table in a way that no row of the log shows, and what it did:
-- until its next baseline the table is compared with that in mind. Columns whose values DDL may
-- have changed are named; names and types are kept as they were before the first such change.
create or replace function plumb.ask_for_baseline(
    p_before plumb.audited_tables, p_reason text, p_columns text[] default '{}'
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    update plumb.audited_tables as a
    set
        needs_baseline = true,
        baseline_pending = p.pending || jsonb_build_object(
            'reasons', case
                when p.pending -> 'reasons' @> to_jsonb(p_reason)
                or jsonb_array_length(p.pending -> 'reasons') >= 20 then p.pending -> 'reasons'
                else (p.pending -> 'reasons') || to_jsonb(p_reason)
            end,
            'columns', (p.pending -> 'columns') || to_jsonb(p_columns),
            'names', case
                when p.pending -> 'names' @> to_jsonb(p_before.relation) then p.pending -> 'names'
                else to_jsonb(p_before.relation) || (p.pending -> 'names')
            end
        )
    from (
        select coalesce(
            a.baseline_pending,
            jsonb_build_object(
                'reasons', '[]'::jsonb,
                'columns', '[]'::jsonb,
                'names', '[]'::jsonb,
                'renames', '{}'::jsonb,
                'types', p_before.column_types,
                'key', p_before.key_columns,
                'members', p_before.members
            )
        ) as pending
        from plumb.audited_tables as a
        where a.relid = p_before.relid
    ) as p
    where a.relid = p_before.relid
$$;
comment on function plumb.ask_for_baseline(plumb.audited_tables, text, text[]) is
'Note that an audited table, described as it was, needs a new baseline, and why.';
