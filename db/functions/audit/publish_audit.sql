-- Publishes every change of a captured table and its partitions, with the whole rows before and
-- after, so that they can be read from the WAL. For a table that triggers record, this is undone,
-- and each partition identifies its rows as it did before. Runs as the superuser, for the table is
-- not ours.
reset role;
create or replace function plumb.publish_audit(p_relation text, p_new_members text[] default null)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set session_replication_role = replica
as $$
declare
    v_root constant regclass := plumb.find_relation(p_relation);
    v_is_captured constant boolean := (
        select a.capture = 'wal' from plumb.audited_tables as a where a.relation = p_relation
    );
    v_is_published constant boolean := exists (
        select from pg_publication_rel as r
        inner join pg_publication as p on p.oid = r.prpubid and p.pubname = 'plumb_audit'
        where r.prrelid = v_root
    );
    v_is_attaching constant text := coalesce(
        current_setting('plumb.audit_attaching', true), ''
    );
    v_identities jsonb;
    v_member record;
begin
    -- What this does to the table is no change of its shape.
    perform set_config('plumb.audit_attaching', 'on', true);
    select a.replica_identities into v_identities
    from plumb.audited_tables as a
    where a.relation = p_relation;
    for v_member in
        select
            c.oid::regclass as name,
            c.relreplident,
            c.oid::text as oid_text,
            plumb.relation_name(c.oid) as member,
            case c.relreplident
                when 'f' then 'full'
                when 'n' then 'nothing'
                when 'i' then (
                    select format('using index %I', x.relname)
                    from pg_index as i
                    inner join pg_class as x on x.oid = i.indexrelid
                    where i.indrelid = c.oid and i.indisreplident
                )
            end as identity
        from plumb.audit_members(v_root) as m
        inner join pg_class as c on c.oid = m.member
        where c.relkind = 'r'
        order by c.oid
    loop
        if v_is_captured and v_member.relreplident <> 'f' then
            -- Following DDL must not undo what was done to it on purpose: that must be found.
            continue when p_new_members is not null and v_member.member <> all(p_new_members);
            execute format('alter table %s replica identity full', v_member.name);
            v_identities := v_identities || jsonb_build_object(
                v_member.oid_text, coalesce(v_member.identity, 'default')
            );
        elsif not v_is_captured and v_identities ? v_member.oid_text then
            execute format(
                'alter table %s replica identity %s',
                v_member.name, v_identities ->> v_member.oid_text
            );
            v_identities := v_identities - v_member.oid_text;
        end if;
    end loop;
    update plumb.audited_tables as a
    set replica_identities = v_identities
    where a.relation = p_relation and a.replica_identities <> v_identities;
    if v_is_captured and not v_is_published and p_new_members is null then
        execute format('alter publication plumb_audit add table %s', v_root);
    elsif not v_is_captured and v_is_published then
        execute format('alter publication plumb_audit drop table %s', v_root);
    end if;
    perform set_config('plumb.audit_attaching', v_is_attaching, true);
end;
$$;
comment on function plumb.publish_audit(text, text[]) is
'Publish the changes of an audited table and its partitions, or of new ones; or stop that.';
revoke execute on function plumb.publish_audit(text, text[]) from public;
grant execute on function plumb.publish_audit(text, text[]) to plumb_owner;
