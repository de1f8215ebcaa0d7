-- Collects by how much a changed row changes the difference between the two sides of a balance. Of
-- one transaction they add up to nothing when it booked both sides: then the balance is as true as
-- before, and its history need not be read. An amount that one row cannot show is NaN, which no
-- other amount cancels, so that the whole is read. The amounts live in settings, as
-- the keys of plumb.tg_collect_keys() do.
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
    v_keys jsonb [] := array[null, null]::jsonb [];
    v_amounts numeric [] := array[0, 0]::numeric [];
    v_row jsonb;
    v_items text;
begin
    for v_side in 1 .. 2 loop
        if v_side = 1 then
            continue when tg_op = 'INSERT';
            v_row := to_jsonb(old);
        else
            exit when tg_op = 'DELETE';
            v_row := to_jsonb(new);
        end if;
        v_keys[v_side] := jsonb_build_array(v_row ->> tg_argv[5]);
        for v_argument in 6 .. tg_nargs - 1 loop
            v_keys[v_side] := v_keys[v_side] || jsonb_build_array(v_row ->> tg_argv[v_argument]);
        end loop;
        if v_keys[v_side] @> '[null]' then
            v_keys[v_side] := null;
        elsif not v_row ? tg_argv[4] or (
            tg_argv[3] = 'true' and (tg_op <> 'UPDATE' or v_row -> tg_argv[4] = 'null')
        ) then
            v_amounts[v_side] := 'NaN';
        else
            v_amounts[v_side] := coalesce((v_row ->> tg_argv[4])::numeric, 0)
            * case when tg_argv[2] = '-' then -1 else 1 end;
        end if;
    end loop;
    if v_keys[1] = v_keys[2] then
        if v_amounts[1] = v_amounts[2] and v_amounts[1] <> 'NaN' then
            return null;
        end if;
        v_amounts[2] := v_amounts[2] - v_amounts[1];
        v_keys[1] := null;
    elsif tg_argv[3] = 'true' then
        v_amounts := array['NaN', 'NaN']::numeric [];
    end if;
    v_amounts[1] := - v_amounts[1];
    for v_side in 1 .. 2 loop
        continue when v_keys[v_side] is null;
        if coalesce(current_setting(v_prefix || '.place', true), '') = '' then
            perform plumb.note_pending(tg_argv[0], tg_relid);
        end if;
        v_items := current_setting(v_prefix || '.a0', true);
        if length(v_items) > 8000 then
            perform plumb.append_pending_chunk(v_prefix, 'a', v_items);
            v_items := '';
        end if;
        perform set_config(
            v_prefix || '.a0',
            concat_ws(
                ',',
                nullif(v_items, ''),
                jsonb_build_array(v_keys[v_side], v_amounts[v_side]::text)
            ),
            true
        );
        if current_setting('plumb.has_commit_locks', true) = 'true' then
            perform set_config('plumb.has_commit_locks', '', true);
        end if;
    end loop;
    return null;
end;
$$;
comment on function plumb.tg_collect_amounts() is
'Remember by how much a row moves the difference between the two sides of an enforced balance.';
