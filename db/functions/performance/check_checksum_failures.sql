-- Counts checksum failures: a page whose checksum fails was changed by something that is not
-- PostgreSQL.
create or replace function plumb.check_checksum_failures()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'checksum_failures',
        case when current_setting('data_checksums')::boolean then sum(d.checksum_failures) end,
        'pages',
        case
            when current_setting('data_checksums')::boolean
            then concat(
                sum(d.checksum_failures), ' failures', ', last ' || max(d.checksum_last_failure)
            )
            else 'page checksums are off'
        end,
        case
            when current_setting('data_checksums')::boolean
            then 'Stop, copy the data directory, check the disk, restore the page from a backup; '
            'pg_stat_reset() forgets the count.'
            else 'Stop the server and enable them with pg_checksums --enable.'
        end
    )
    from pg_stat_database as d
$$;
comment on function plumb.check_checksum_failures() is
'Checksum failures since the statistics were reset; unknown when checksums are off.';
grant execute on function plumb.check_checksum_failures() to plumb_reader;
