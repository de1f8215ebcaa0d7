-- Where seal hashes are kept outside the database.
select plumb.declare_setting(s.name, s.default_value, s.unit, s.description)
from (
    values
    ('audit_anchor_dir', '', 'path', 'Directory that seal hashes are appended in; empty: none.'),
    ('audit_anchor_url', '', 'URL', 'Where seal hashes are posted; empty: nowhere.'),
    ('audit_anchor_interval_ms', '60000', 'ms', 'How often the newest seal is anchored.'),
    ('audit_anchor_seconds_max', '10', 's', 'How long the anchor URL, or a standby, may take.')
) as s (name, default_value, unit, description);
