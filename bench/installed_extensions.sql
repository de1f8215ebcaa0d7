-- Which extensions can be compared here; pgaudit must be preloaded.
select name
from pg_available_extensions
where
    name = any(%s)
    and (name <> 'pgaudit' or current_setting('shared_preload_libraries') ~ 'pgaudit')
