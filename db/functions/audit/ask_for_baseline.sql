-- Notes that DDL changed an audited table in a way that no row of the log shows, and what it did:
-- until its next baseline the table is compared with that in mind. Columns whose values DDL may
-- have changed are named, and partitions that left or came; names and types are kept as they were
-- before the first such change. The table's own row is as it is by now.
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
            end,
            -- What the table was called, and until when: a rename locks the table, so what is
            -- written later under the name is another's. What the WAL tells of it comes later.
            'spans', coalesce(p.pending -> 'spans', '[]') || case
                when p_before.relation = a.relation then '[]'
                else jsonb_build_array(
                    jsonb_build_object(
                        'name', p_before.relation,
                        'end', coalesce(
                            pg_sequence_last_value(
                                pg_get_serial_sequence('plumb.audit_intake', 'position')::regclass
                            ),
                            0
                        )
                    ) || case
                        when a.capture = 'wal'
                            then jsonb_build_object(
                                'snapshot', pg_current_snapshot(), 'txid', pg_current_xact_id()
                            )
                        else '{}'
                    end
                )
            end,
            -- Partitions that left or came, be it only for a moment.
            'moved', coalesce(p.pending -> 'moved', '[]') || (
                select coalesce(jsonb_agg(m.name), '[]')
                from (
                    (
                        select unnest(p_before.members) as name
                        except
                        select unnest(a.members)
                    )
                    union all
                    (
                        select unnest(a.members)
                        except
                        select unnest(p_before.members)
                    )
                ) as m
                where
                    m.name not in (p_before.relation, a.relation)
                    and not coalesce(p.pending -> 'moved', '[]') ? m.name
            )
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
