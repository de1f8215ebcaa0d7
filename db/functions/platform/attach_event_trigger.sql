-- Makes an event trigger anew, so that its event, tags and function are those of this release. It
-- fires always: also for the replica role, which a superuser may take.
reset role;
create or replace function plumb.attach_event_trigger(
    p_name text, p_event text, p_function text, p_tags text[] default null
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_filter constant text := case
        when p_tags is not null
            then (
                select format('when tag in (%s)', string_agg(format('%L', t.tag), ', '))
                from unnest(p_tags) as t (tag)
            )
    end;
begin
    execute format('drop event trigger if exists %I', p_name);
    execute format(
        'create event trigger %I on %I %s execute function plumb.%I()',
        p_name, p_event, v_filter, p_function
    );
    execute format('alter event trigger %I enable always', p_name);
end;
$$;
comment on function plumb.attach_event_trigger(text, text, text, text[]) is
'Create an event trigger anew that fires always; for all commands where no tags are given.';
revoke execute on function plumb.attach_event_trigger(text, text, text, text[]) from public;
