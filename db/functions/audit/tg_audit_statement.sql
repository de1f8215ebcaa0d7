-- Says in the WAL who runs a statement on a table that is captured from there, for the WAL says
-- nothing of it. Anybody may put messages there, so each carries a hash over a secret of the log
-- and over the transaction: no other counts, and none can be used again. Lengths stand before
-- texts, as any of them may contain anything. A transaction prepares each expression of a trigger
-- anew for each of its tables, so it does that in plumb.announce_writer().
--
-- Of TRUNCATE the WAL names the partitions. So the table at the top says when it is truncated as a
-- whole, and a partition by itself says which rows it loses; it does not while the whole table is
-- locked as TRUNCATE locks it, for then there would be too much to say. A row that is larger than
-- any message that is read (plumb.read_slot) is not said, and the table waits for a baseline.
create or replace function plumb.tg_audit_statement()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Its head and its hash fit into what is left of 64 KB.
    c_bytes_max constant integer := 65000;
    v_formats jsonb;
    v_member text;
    v_sent bigint;
    v_rows bigint;
begin
    -- In a statement of its own it would be a query.
    if plumb.announce_writer(tg_argv[0]) is null or tg_op <> 'TRUNCATE' then
        return null;
    end if;
    v_member := plumb.relation_name(tg_relid);
    if
        tg_argv[0] = v_member
        or not exists (
            select from pg_locks as l
            where
                l.pid = pg_backend_pid()
                and l.relation = plumb.find_relation(tg_argv[0])
                and l.mode = 'AccessExclusiveLock'
                and l.granted
        )
    then
        v_formats := plumb.pin_formats();
        select
            count(
                case
                    when octet_length(s.said) <= c_bytes_max
                        then pg_logical_emit_message(
                            true,
                            'plumb_row',
                            sha256(
                                plumb.message_key()
                                || xid8send(pg_current_xact_id())
                                || 'plumb_row'
                                || s.said
                            ) || s.said
                        )
                end
            ),
            count(*)
        into v_sent, v_rows
        from (
            select
                timestamptz_send(clock_timestamp())
                || int4send(length(tg_argv[0]))
                || int4send(length(v_member))
                || convert_to(tg_argv[0] || v_member || r.row_text, 'UTF8') as said
            from (
                select '' as row_text
                union all
                select i.value::text
                from plumb.inspect(
                    plumb.payload_query(
                        tg_relid,
                        '{}',
                        coalesce(tg_argv[3]::text [], '{}'),
                        coalesce(tg_argv[4]::text [], '{}'),
                        p_is_only => true
                    )
                ) as i
                where tg_argv[0] <> v_member
            ) as r
        ) as s;
        perform plumb.unpin_formats(v_formats);
        if v_sent < v_rows then
            perform plumb.note_captured(
                'partition_emptied', tg_argv[0], v_member, v_rows - v_sent
            );
        end if;
    end if;
    return null;
end;
$$;
comment on function plumb.tg_audit_statement() is
'Say in the WAL who changes a table that is captured from there.';
