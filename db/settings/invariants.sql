-- Settings of the invariant engine and the weights of the drift score.
-- A row: name, default, unit, kind, minimum, maximum, choices; then what it means.
select
    plumb.declare_setting(
        s.name,
        s.default_value,
        s.unit,
        s.description,
        s.kind,
        s.minimum::numeric,
        s.maximum::numeric,
        s.choices
    )
from (
    values
    (
        'violation_rows_max', '10000', 'rows', 'integer', 1, 1000000, null,
        'Most violations of one invariant kept at a time.'
    ),
    (
        'cycle_keys_max', '50000', 'keys', 'integer', 1, 10000000, null,
        'Changed keys above which the whole view is read.'
    ),
    (
        'blame_seals_max', '720', 'seals', 'integer', 0, 10000000, null,
        'How far back a violation''s authors are looked for.'
    ),
    (
        'blame_rows_max', '5', 'rows', 'integer', 1, 1000, null,
        'How many of the last changes a violation names.'
    ),
    (
        'heal_rows_max', '1000', 'rows', 'integer', 1, 1000000, null,
        'Most violations that one auto-correct run repairs.'
    ),
    (
        'unknown_invariant_priority', 'P2', '', 'choice', null, null, 'P1,P2,P3,P4',
        'Priority of an invariant that cannot be checked.'
    ),
    (
        'runbook_base_url', 'docs/runbooks/', 'URL', 'text', null, null, null,
        'What a runbook''s file name is appended to.'
    )
) as s (
    name, default_value, unit, kind, minimum, maximum, choices, description
);

-- A lone P1 leaves 80, a lone P2 92, a lone P3 97. Growth is such that the score goes on falling
-- up to violation_rows_max, and that a P3 alone never costs more than 5; operators may weigh
-- otherwise.
insert into plumb.drift_weights (priority, first_penalty, growth_penalty, max_penalty)
values
('P1', 20, 2.2, 50),
('P2', 8, 1, 25),
('P3', 3, 0.15, 5),
('P4', 1, 0.1, 3)
on conflict (priority) do nothing;
