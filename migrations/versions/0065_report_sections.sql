-- The name and the title of a report's sections stand in plumb.render_report() alone.
drop function if exists plumb.report_health(jsonb, jsonb);
drop function if exists plumb.report_integrity(jsonb, jsonb);
drop function if exists plumb.report_incidents(jsonb, jsonb);
drop function if exists plumb.report_security(jsonb, jsonb);
drop function if exists plumb.report_performance(jsonb, jsonb);
drop function if exists plumb.report_backups(jsonb, jsonb);
drop function if exists plumb.report_deployments(jsonb, jsonb);
drop function if exists plumb.report_audit(jsonb, jsonb);
