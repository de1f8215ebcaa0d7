-- The statement that appends many rows to the current transaction's chain: all that a query returns
-- as op, record_key, old_row and new_row. One INSERT … SELECT in which nothing but built-in
-- functions is called for a row. It moves the chain on by writing the setting in which it stands
-- and reading it again for the next row; each offset 0 keeps what stands inside from being
-- evaluated twice. A REKEY follows its UPDATE and names its n.
--
-- It is text, for the transition tables of a trigger can be seen in the trigger alone; and it is
-- planned each time, for the number of rows that there are.
create or replace function plumb.audit_insertion(p_relation text, p_source text)
returns text
language sql
stable
as $$
    select format(
        $sql$
        insert into plumb.audit_log
        select
            h.base_seal, h.txid, h.occurred_at, l.n, 1, l.op, %1$L, l.record_key, session_user,
            h.app_user, l.old_row, l.new_row, l.salt, null, l.prev_hash,
            decode(split_part(l.state, ' ', 4), 'hex')
        from plumb.chain_head() as h
        cross join lateral (
            select
                s.*,
                set_config(
                    'plumb.audit_state',
                    concat_ws(
                        ' ', h.txid, h.base_seal, s.n,
                        encode(
                            sha256(
                                s.prev_hash || plumb.link_bytes(
                                    plumb.payload_digest(s.salt, s.record_key, s.old_row, s.new_row),
                                    h.occurred_at, 1::smallint, h.base_seal, h.txid, s.n, s.op, %1$L,
                                    session_user, h.app_user
                                )
                            ),
                            'hex'
                        ),
                        h.secret
                    ),
                    true
                ) as state
            from (
                select
                    c.op, c.record_key, c.old_row, c.n,
                    case
                        when c.op = 'REKEY'
                        then jsonb_build_object('key', c.record_key, 'n', c.n - 1)
                        else c.new_row
                    end as new_row,
                    decode(split_part(c.state, ' ', 4), 'hex') as prev_hash,
                    sha256(convert_to(h.secret || c.n, 'UTF8')) as salt
                from (
                    select
                        r.*,
                        current_setting('plumb.audit_state') as state,
                        split_part(current_setting('plumb.audit_state'), ' ', 3)::integer + 1 as n
                    from (%2$s) as r
                    offset 0
                ) as c
                offset 0
            ) as s
            offset 0
        ) as l
        $sql$,
        p_relation,
        p_source
    )
$$;
comment on function plumb.audit_insertion(text, text) is
'The INSERT of all rows (op, record_key, old_row, new_row) of a query into a relation''s log.';
