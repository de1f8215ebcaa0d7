-- With what rights the code is applied.
update plumb.installation
set is_by_superuser = %s, has_event_triggers = %s, own_roles = %s
