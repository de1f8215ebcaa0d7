-- Whether the newest proven backup is as fresh as a deployment asks for.
select g.status, g.reason
from plumb.measure_gate_backups() as g
