-- Measures the gate NO_OPEN_P1_INCIDENTS: a deployment waits until no P1 incident is open.
create or replace function plumb.measure_gate_incidents()
returns table (gate text, value text, threshold text, status text, reason text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        'NO_OPEN_P1_INCIDENTS',
        p.open_count::text,
        '0',
        case when p.open_count = 0 then 'pass' else 'fail' end,
        case when p.open_count = 0 then 'no P1 incident is open' else 'open: ' || p.titles end
    from (
        select count(*) as open_count, string_agg(i.title, '; ' order by i.opened_at) as titles
        from plumb.incidents as i
        where i.priority = 'P1' and i.is_open
    ) as p
$$;
comment on function plumb.measure_gate_incidents() is
'Gate: no P1 incident is open.';
revoke execute on function plumb.measure_gate_incidents() from public;
