-- Returns the hash that a seal should have: over everything it states. docs/audit.md lists the
-- bytes; those of format 1 go on with the snapshot and what was adopted, those of format 2 with the
-- number of blocks. Inlined.
create or replace function plumb.seal_digest(p_seal plumb.seals)
returns bytea
language sql
stable
parallel safe
as $$
    select sha256(
        (p_seal).prev_hash
        || (p_seal).members_hash
        || int2send((p_seal).format)
        || int8send((p_seal).seal_id)
        || int8send((p_seal).transaction_count)
        || int8send((p_seal).row_count)
        || timestamptz_send((p_seal).sealed_at)
        || decode(case (p_seal).is_opening when true then '01' when false then '00' end, 'hex')
        || int4send(octet_length(convert_to((p_seal).origin, 'UTF8')))
        || convert_to((p_seal).origin, 'UTF8')
        || case
            when (p_seal).format = 1
            then
                int4send(octet_length((p_seal).snapshot::text))
                || convert_to((p_seal).snapshot::text, 'UTF8')
                || int4send(octet_length((p_seal).adopted::text))
                || convert_to((p_seal).adopted::text, 'UTF8')
            else int4send((p_seal).block_count)
        end
    )
$$;
comment on function plumb.seal_digest(plumb.seals) is 'The seal_hash that a seal should have.';
grant execute on function plumb.seal_digest(plumb.seals) to plumb_reader;
