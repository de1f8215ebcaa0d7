-- Judges a backup by the results of its tiers. One failed tier makes it invalid; it is valid only
-- when every tier required for its tool passed; otherwise it is unknown, which is not green. A copy
-- whose data violates exactly what the live data violated when it was taken is a faithful one: the
-- backup is valid, and its reason says what its data violates.
create or replace function plumb.judge_tiers(p_tool text, p_tiers jsonb)
returns table (status text, reason text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with given as (
        select t.tier, t.status, t.evidence
        from jsonb_to_recordset(p_tiers) as t (tier text, status text, evidence text)
    ),

    tiers as (
        select
            g.tier,
            case
                when
                    g.tier = 'invariants'
                    and g.status = 'failed'
                    and exists (
                        select from given as d where d.tier = 'drift' and d.status = 'passed'
                    )
                    then 'violated'
                else g.status
            end as status,
            g.evidence
        from given as g
    ),

    missing as (
        select string_agg(r.tier, ', ') as names
        from unnest(string_to_array(
            plumb.setting(
                case p_tool
                    when 'plumb' then 'backup_required_tiers'
                    else 'backup_required_tiers_external'
                end
            ),
            ','
        )) as r (tier)
        where not exists (
            select from tiers as t
            where t.tier = trim(r.tier) and t.status in ('passed', 'violated')
        )
    ),

    failed as (
        select string_agg(format('%s: %s', t.tier, t.evidence), '; ') as reasons
        from tiers as t
        where t.status = 'failed'
    )

    select
        case
            when f.reasons is not null then 'invalid'
            when m.names is null then 'valid'
            else 'unknown'
        end,
        concat_ws(
            '; ',
            coalesce(f.reasons, 'not proven: ' || m.names, 'proven: ' || (
                select string_agg(t.tier, ', ') from tiers as t where t.status = 'passed'
            ), 'nothing is asked of it'),
            (
                select 'faithful to data that violates a rule: ' || t.evidence
                from tiers as t
                where t.status = 'violated'
            )
        )
    from failed as f
    cross join missing as m
$$;
comment on function plumb.judge_tiers(text, jsonb) is
'valid, invalid or unknown, and why, for the tiers that a drill of a tool''s backup went through.';
