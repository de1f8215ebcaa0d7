-- Erases personal data from the log's rows of one key, also of those from when the table had
-- another name: some columns, or all of the payload. The chain still verifies, for it holds a
-- digest of the payload and not the payload; the salt goes too, so that nobody can try guesses
-- against the digest. The redaction is a row of the log, and it covers what remains.
create or replace function plumb.redact_audit(
    p_relation text, p_key text, p_columns text[], p_reason text
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rows jsonb;
begin
    if coalesce(p_reason, '') = '' then
        raise exception 'a redaction needs a reason'
            using errcode = 'PL002', hint = 'Name the request or the rule that demands it.';
    elsif p_columns = '{}' then
        raise exception 'no column was named'
            using errcode = 'PL002', hint = 'Null erases all columns.';
    end if;
    perform plumb.lock_section('audit log');
    perform set_config('plumb.audit_dismantling', 'on purpose', true);
    with chosen as (
        select
            l.txid,
            case l.op when 'REKEY' then (l.new_row ->> 'n')::integer else l.n end as n,
            l.base_seal
        from plumb.audit_names(p_relation) as s
        inner join plumb.audit_log as l on l.relation = s.relation and l.record_key = p_key
        where l.occurred_at >= s.begins_at and l.occurred_at < s.ends_at
    ),

    redacted as (
        update plumb.audit_log as l
        set
            payload_digest = coalesce(
                l.payload_digest,
                plumb.payload_digest(l.salt, l.record_key, l.old_row, l.new_row)
            ),
            salt = null,
            record_key = case when p_columns is not null then l.record_key end,
            old_row = case when p_columns is not null then l.old_row - p_columns end,
            new_row = case when p_columns is not null then l.new_row - p_columns end
        from chosen as c
        where
            l.txid = c.txid
            and l.n = c.n
            and l.base_seal = c.base_seal
            and (
                p_columns is null
                or l.old_row ?| p_columns
                or l.new_row ?| p_columns
            )
        returning
            l.txid, l.n, l.base_seal, l.record_key, l.old_row, l.new_row
    )

    select
        jsonb_agg(
            jsonb_build_object(
                'txid', r.txid::text,
                'n', r.n,
                'base_seal', r.base_seal,
                'remains', encode(
                    plumb.payload_digest('', r.record_key, r.old_row, r.new_row), 'hex'
                )
            )
            order by r.base_seal, r.txid, r.n
        )
    into v_rows
    from redacted as r;
    perform set_config('plumb.audit_dismantling', '', true);
    if v_rows is null then
        raise exception 'the log holds no such data of % %', p_relation, quote_nullable(p_key)
            using errcode = 'PL001',
            hint = 'Relations are named schema.table, keys as text: see plumb.row_history().';
    end if;
    -- Of rows that are still there the log no longer says what they hold.
    update plumb.audited_tables as a set needs_baseline = true where a.relation = p_relation;
    perform plumb.append_audit(
        'REDACT',
        'plumb.audit_log',
        '',
        null,
        jsonb_build_object(
            'relation', p_relation,
            'columns', to_jsonb(p_columns),
            'reason', p_reason,
            'rows', v_rows
        )
    );
    return jsonb_array_length(v_rows);
end;
$$;
comment on function plumb.redact_audit(text, text, text[], text) is
'Erase columns (null: everything) from the log''s rows of a key; returns how many rows changed.';
revoke execute on function plumb.redact_audit(text, text, text[], text) from public;
grant execute on function plumb.redact_audit(text, text, text[], text) to plumb_admin;
