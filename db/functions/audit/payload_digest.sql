-- Returns the digest of the part of a row that redaction may erase: the part leaves the log, the
-- digest stays. A line feed divides the two JSON texts, because jsonb never prints one. Inlined, so
-- that verifying costs no function call a row; hence no search_path of its own.
create or replace function plumb.payload_digest(
    p_salt bytea, p_record_key text, p_old_row jsonb, p_new_row jsonb
)
returns bytea
language sql
stable
parallel safe
as $$
    select sha256(
        p_salt || convert_to(
            pg_catalog.concat(
                length(p_record_key), ':', p_record_key, p_old_row, e'\n', p_new_row
            ),
            'UTF8'
        )
    )
$$;
comment on function plumb.payload_digest(bytea, text, jsonb, jsonb) is
'Digest of a row''s key and contents; docs/audit.md states the bytes.';
grant execute on function plumb.payload_digest(bytea, text, jsonb, jsonb) to plumb_auditor;
