-- The report is rendered section by section, by plumb.render_report().
drop function if exists plumb.tell_report(jsonb, jsonb);
