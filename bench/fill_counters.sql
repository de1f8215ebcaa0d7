-- Counts a request of every client that the script may ask for, as on a busy day.
select plumb.count_request(
    format('10.%s.%s.%s', i / 65536, i / 256 % 256, i % 256), 'read', 600, 60
)
from generate_series(0, 2 * 65536 - 1) as i
where i % 256 < 196
