-- Returns what the page of a row shows: each of its versions, who made it and when, and the seal
-- that closed it. It shows the values of rows, so it is for those who may read the log, and for the
-- service, which asks for the authority to act before it shows them.
create or replace function plumb.describe_record_page(
    p_relation text, p_key text, p_versions_max integer default 200
)
returns json
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_relation regclass;
begin
    begin
        v_relation := plumb.find_relation(p_relation);
    exception
        -- A text that is no name at all.
        when invalid_parameter_value then v_relation := null;
    end;
    if
        v_relation is null
        or not exists (
            select
            from plumb.audited_tables as a
            where
                a.relation
                = plumb.relation_name(coalesce(pg_partition_root(v_relation), v_relation))
        )
    then
        raise exception 'table % is not audited', quote_nullable(p_relation)
            using errcode = 'PL001', hint = 'select relation from plumb.audited_tables;';
    end if;
    return (
        select json_build_object(
            'now', plumb.current_time(),
            'writesNeedToken', plumb.writes_need_token(),
            'relation', plumb.relation_name(v_relation),
            'key', p_key,
            'versionCount', count(*),
            'verifiedSeal', (select v.through_seal from plumb.audit_verification as v),
            'verifiedAt', (select v.verified_at from plumb.audit_verification as v),
            'versions', coalesce(
                json_agg(
                    json_build_object(
                        'version', h.version,
                        'op', h.op,
                        'old', h.old_row,
                        'new', h.new_row,
                        'actor', h.actor,
                        'appUser', h.app_user,
                        'occurredAt', h.occurred_at,
                        'sealId', h.seal_id,
                        'transaction', h.txid
                    )
                    order by h.version desc
                ) filter (where h.version > h.newest - p_versions_max), '[]'
            )
        )
        from (
            select r.*, max(r.version) over () as newest
            from plumb.row_history(v_relation, p_key) as r
        ) as h
    );
end;
$$;
comment on function plumb.describe_record_page(text, text, integer) is
'The versions of one row, newest first, with who made them and their seals, as JSON.';
revoke execute on function plumb.describe_record_page(text, text, integer) from public;
grant execute on function plumb.describe_record_page(text, text, integer)
to plumb_api, plumb_auditor;
