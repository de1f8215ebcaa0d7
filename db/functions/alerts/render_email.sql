-- Renders a message as a mail. All mails about one incident form one thread.
create or replace function plumb.render_email(p_message_id bigint, p_url text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
    select jsonb_build_object(
        'from', m.sender,
        'to', to_jsonb(m.recipients),
        'subject', left(regexp_replace(format(
            '[%s] %s: %s',
            current_database(),
            plumb.alert_headline(o.topic, o.payload),
            plumb.alert_title(o.topic, o.payload)
        ), plumb.control_characters() || '+', ' ', 'g'), 300),
        'messageId', format('<plumb-%s-%s@%s>', o.message_id, k.digest, k.domain),
        'thread', format('<plumb-%s@%s>', k.digest, k.domain),
        'text', array_to_string(
            array[plumb.alert_title(o.topic, o.payload), '']
            || plumb.alert_lines(o.message_id)
            || array['']
            || array(
                select format('%s: %s', upper(left(l.label, 1)) || substr(l.label, 2), l.href)
                from plumb.alert_links(o.payload) as l
                order by l.label
            )
            || format(
                'Database %s, %s',
                current_database(),
                to_char(o.created_at, 'YYYY-MM-DD HH24:MI:SS "UTC"')
            ),
            E'\n'
        )
    )
    from plumb.outbox as o
    cross join plumb.mail_server(p_url) as m
    cross join lateral (
        select
            substr(encode(sha256(convert_to(
                format('%s %s', current_database(), o.dedup_key), 'UTF8'
            )), 'hex'), 1, 16) as digest,
            split_part(m.sender, '@', 2) as domain
    ) as k
    where o.message_id = p_message_id
$$;
comment on function plumb.render_email(bigint, text) is
'A message as from, to, subject, messageId, thread and text of a mail.';
