-- Lets the server notice within 15 seconds that this client is gone.
select set_config('tcp_keepalives_' || name, value, false)
from (values ('idle', '5'), ('interval', '2'), ('count', '3')) as s (name, value)
