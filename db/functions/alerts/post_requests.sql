-- Sends requests from inside the server.
create or replace function plumb.post_requests(p_requests jsonb)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant bigint := extract(epoch from clock_timestamp());
    v_signed jsonb;
    v_mails jsonb;
    v_answers jsonb := '[]'::jsonb;
begin
    select jsonb_agg(
        r.request || jsonb_build_object('text', plumb.py_http_request(r.request, v_now))
        order by r.position
    )
    into v_signed
    from jsonb_array_elements(p_requests) with ordinality as r (request, position)
    where not r.request ? 'mail';
    select jsonb_agg(r.request order by r.position)
    into v_mails
    from jsonb_array_elements(p_requests) with ordinality as r (request, position)
    where r.request ? 'mail';
    if v_signed is not null then
        v_answers := plumb.py_post(
            v_signed,
            plumb.setting_number('delivery_seconds_max')::double precision,
            plumb.setting_number('delivery_connect_seconds_max')::double precision,
            plumb.setting('alert_ca_file')
        );
    end if;
    if v_mails is not null then
        v_answers := v_answers || plumb.py_send_mail(
            v_mails,
            plumb.setting_number('delivery_connect_seconds_max')::double precision,
            plumb.setting('alert_ca_file')
        );
    end if;
    return (
        select coalesce(jsonb_agg(
            a.answer - 'raw' || case
                when a.answer ? 'raw'
                then plumb.py_http_answer(decode(a.answer ->> 'raw', 'base64'), v_now)
                else '{}'
            end
            order by a.position
        ), '[]')
        from jsonb_array_elements(v_answers) with ordinality as a (answer, position)
    );
end;
$$;
comment on function plumb.post_requests(jsonb) is
'Sign and send requests; returns deliveryId, claimId and statusCode or error for each attempted.';
