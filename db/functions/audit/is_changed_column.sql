-- Returns whether DDL since the last baseline may have changed what a column holds: it is new, has
-- another type than before, or its type changed.
create or replace function plumb.is_changed_column(p_table plumb.audited_tables, p_column text)
returns boolean
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select
        p_table.baseline_pending is not null
        and (
            p_table.baseline_pending -> 'columns' ? p_column
            or exists (
                select
                from jsonb_each_text(p_table.baseline_pending -> 'renames')
                    as r (old_name, new_name)
                where
                    r.new_name = p_column
                    and p_table.baseline_pending -> 'columns' ? r.old_name
            )
            or (
                p_table.baseline_pending -> 'types' -> coalesce(
                    (
                        select r.old_name
                        from jsonb_each_text(p_table.baseline_pending -> 'renames')
                            as r (old_name, new_name)
                        where
                            r.new_name = p_column
                            and p_table.baseline_pending -> 'types' ? r.old_name
                        limit 1
                    ),
                    p_column
                )
            ) is distinct from (p_table.column_types -> p_column)
        )
$$;
comment on function plumb.is_changed_column(plumb.audited_tables, text) is
'Whether DDL since the last baseline may have changed the values of a column.';
