-- Collects by how much a changed row changes the difference between the two sides of a balance. Of
-- one transaction they add up to nothing when it booked both sides: then the balance is as true as
-- before, and its history need not be read. An amount that one row cannot show is NaN, which no
-- other amount cancels, so that the whole is read. The amounts live in settings, as the keys of
-- plumb.tg_collect_keys() do. One that takes back what is noted is struck out with it: where
-- nothing is left, the check at commit has nothing to add up. Each transaction prepares every
-- expression of a function anew: that is most of what it costs, so there are few.
--
-- Arguments: the invariant, an empty one, the sign of this side, whether a row that comes or goes
-- decides what is compared, the column of the amount, the columns of the key.
create or replace function plumb.tg_collect_amounts()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_prefix constant text := 'plumb.pending_' || lower(tg_argv[0]);
    v_old constant jsonb := to_jsonb(old);
    v_new constant jsonb := to_jsonb(new);
    v_old_key jsonb := nullif(jsonb_build_array(v_old ->> tg_argv[5]), '[null]');
    v_new_key jsonb := nullif(jsonb_build_array(v_new ->> tg_argv[5]), '[null]');
    v_items text := current_setting(v_prefix || '.a0', true);
    v_change numeric;
    v_item text;
    v_opposite text;
begin
    if tg_nargs > 6 then
        for v_argument in 6 .. tg_nargs - 1 loop
            v_old_key := v_old_key
            || nullif(jsonb_build_array(v_old ->> tg_argv[v_argument]), '[null]');
            v_new_key := v_new_key
            || nullif(jsonb_build_array(v_new ->> tg_argv[v_argument]), '[null]');
        end loop;
    end if;
    v_change := case
        when
            not coalesce(v_new, v_old) ? tg_argv[4]
            or v_old_key <> v_new_key
            or (
                tg_argv[3] = 'true'
                and (
                    v_old_key is distinct from v_new_key
                    or 'null' in (v_old -> tg_argv[4], v_new -> tg_argv[4])
                )
            )
            then 'NaN'
        else trim_scale(
            case tg_argv[2] when '-' then -1 else 1 end * (
                case
                    when v_new_key is null then 0
                    else coalesce((v_new ->> tg_argv[4])::numeric, 0)
                end
                - case
                    when v_old_key is null then 0
                    else coalesce((v_old ->> tg_argv[4])::numeric, 0)
                end
            )
        )
    end;
    if v_change = 0 or coalesce(v_new_key, v_old_key) is null then
        return null;
    end if;
    if
        coalesce(current_setting(v_prefix || '.place', true), '') = ''
        or current_setting('plumb.has_commit_locks', true) = 'true'
        or length(v_items) > 8000
    then
        if coalesce(current_setting(v_prefix || '.place', true), '') = '' then
            perform plumb.note_pending(tg_argv[0], tg_relid);
        end if;
        perform set_config('plumb.has_commit_locks', '', true);
        if length(v_items) > 8000 then
            perform plumb.append_pending_chunk(v_prefix, 'a', v_items);
            v_items := '';
        end if;
    end if;
    v_item := format('[%s, "%s"],', coalesce(v_new_key, v_old_key), v_change)
    || case when v_old_key <> v_new_key then format('[%s, "NaN"],', v_old_key) else '' end;
    -- Infinity and what is no number have none.
    v_opposite := case
        when v_change > '-Infinity' and v_change < 'Infinity'
            then format('[%s, "%s"],', coalesce(v_new_key, v_old_key), - v_change)
    end;
    v_items := set_config(
        v_prefix || '.a0',
        case
            when strpos(v_items, v_opposite) > 0
                then overlay(
                    v_items placing '' from strpos(v_items, v_opposite) for length(v_opposite)
                )
            else concat(v_items, v_item)
        end,
        true
    );
    return null;
end;
$$;
comment on function plumb.tg_collect_amounts() is
'Remember by how much a row moves the difference between the two sides of an enforced balance.';
