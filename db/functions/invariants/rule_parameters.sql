-- Returns what each template of rules takes. Everything that handles arguments asks here: they are
-- checked, followed when a table or column gets another name, and exported by this one list. A
-- column, amount or condition belongs to the table that another parameter names; where that
-- parameter is `child` and no child is given, to the template's table.
create or replace function plumb.rule_parameters(p_template text)
returns table (parameter text, kind text, relation_parameter text, is_required boolean)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select s.parameter, s.kind, s.relation_parameter, s.is_required
    from (
        values
        (1, null, 'table', 'relation', null, true),
        (2, null, 'key', 'columns', 'table', true),
        (3, null, 'where', 'condition', 'table', false),
        (4, 'non_negative', 'amount', 'amount', 'table', true),
        (4, 'sum_matches', 'total', 'amount', 'table', true),
        (5, 'sum_matches', 'amount', 'amount', 'child', true),
        (6, 'sum_matches', 'child', 'relation', null, false),
        (7, 'sum_matches', 'child_key', 'columns', 'child', true),
        (8, 'sum_matches', 'child_where', 'condition', 'child', false),
        (9, 'sum_matches', 'tolerance', 'number', null, false),
        (4, 'balance', 'total', 'amount', 'table', true),
        (5, 'balance', 'amount', 'amount', 'child', true),
        (6, 'balance', 'child', 'relation', null, true),
        (7, 'balance', 'child_key', 'columns', 'child', true),
        (8, 'balance', 'child_where', 'condition', 'child', false),
        (9, 'balance', 'tolerance', 'number', null, false),
        (4, 'limit', 'limit', 'amount', 'table', true),
        (5, 'limit', 'amount', 'amount', 'child', true),
        (6, 'limit', 'child', 'relation', null, false),
        (7, 'limit', 'child_key', 'columns', 'child', true),
        (8, 'limit', 'child_where', 'condition', 'child', false),
        (9, 'limit', 'tolerance', 'number', null, false),
        (4, 'unique', 'columns', 'columns', 'table', true),
        (5, 'unique', 'is_normalized', 'flag', null, false),
        (6, 'unique', 'groups', 'columns', 'table', false),
        (7, 'unique', 'year_of', 'column', 'table', false),
        (4, 'no_orphans', 'columns', 'columns', 'table', true),
        (5, 'no_orphans', 'parent', 'relation', null, true),
        (6, 'no_orphans', 'parent_columns', 'columns', 'parent', true),
        (7, 'no_orphans', 'is_quarantined', 'flag', null, false),
        (4, 'accepted_values', 'column', 'column', 'table', true),
        (5, 'accepted_values', 'values', 'texts', null, true),
        (4, 'transitions', 'column', 'column', 'table', true),
        (5, 'transitions', 'steps', 'steps', null, true),
        (4, 'monotonic', 'column', 'column', 'table', true),
        (5, 'monotonic', 'order', 'column', 'table', false),
        (6, 'monotonic', 'groups', 'columns', 'table', false),
        (7, 'monotonic', 'is_gapless', 'flag', null, false),
        (4, 'freshness', 'column', 'column', 'table', true),
        (5, 'freshness', 'age', 'interval', null, true),
        (6, 'freshness', 'groups', 'columns', 'table', false),
        (4, 'not_null_when', 'column', 'column', 'table', true),
        (5, 'not_null_when', 'condition', 'condition', 'table', true)
    ) as s (position, template, parameter, kind, relation_parameter, is_required)
    where
        coalesce(s.template, p_template) = p_template
        and p_template in (
            'non_negative', 'sum_matches', 'balance', 'limit', 'unique', 'no_orphans',
            'accepted_values', 'transitions', 'monotonic', 'freshness', 'not_null_when'
        )
        and not (p_template = 'freshness' and s.parameter = 'key')
        and not (p_template = 'transitions' and s.parameter in ('key', 'where'))
    order by s.position
$$;
comment on function plumb.rule_parameters(text) is
'The parameters of a template of rules: kind, the parameter whose table it belongs to.';
grant execute on function plumb.rule_parameters(text) to plumb_reader;
