-- Erases personal data from the log's rows of one key, also of those from when the table had
-- another name: some columns, or all of the payload. The log still verifies, for its hashes cover
-- digests of the rows and not the rows; the salt goes too, so that nobody can try guesses
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
    v_own_txid constant xid8 := pg_current_xact_id();
    v_newest xid8;
    v_rows jsonb;
    v_blocks jsonb;
begin
    perform plumb.expect_text('the reason for the redaction', p_reason);
    if p_columns = '{}' then
        raise exception 'no column was named'
            using errcode = 'PL002', hint = 'Null erases all columns.';
    end if;
    -- What was committed and not read from the WAL yet has what is to be erased as well.
    perform plumb.capture_audit();
    perform plumb.lock_section('audit log');
    -- What is recorded and not sealed yet is sealed first.
    select max(i.txid) into v_newest from plumb.audit_intake as i where i.txid <> v_own_txid;
    while
        exists (
            select from plumb.audit_intake as i where i.txid <= v_newest and i.txid <> v_own_txid
            union all
            select from plumb.audit_captured
        )
    loop
        perform plumb.seal_audit();
    end loop;
    perform set_config('plumb.audit_dismantling', 'on purpose', true);
    v_rows := plumb.redact_rows(p_relation, p_key, p_columns);
    select v_rows || r.row_items, r.block_items
    into v_rows, v_blocks
    from plumb.redact_blocks(p_relation, p_key, p_columns) as r;
    perform set_config('plumb.audit_dismantling', '', true);
    if v_rows = '[]' then
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
            'rows', v_rows,
            'blocks', v_blocks
        )
    );
    return jsonb_array_length(v_rows);
end;
$$;
comment on function plumb.redact_audit(text, text, text[], text) is
'Erase columns (null: everything) from the log''s rows of a key; returns how many rows changed.';
revoke execute on function plumb.redact_audit(text, text, text[], text) from public;
grant execute on function plumb.redact_audit(text, text, text[], text) to plumb_admin;
