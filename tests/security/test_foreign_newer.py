"""Declaring, looking at and taking back what stands in tables of others runs none of their code.

Neither does what ./plumb attach does with such tables.
"""

import pytest
from foreign_code import as_mallory
from plumbline.cli import attach
from plumbline.cli.attach.catalog import read_tables

MORE = """
create table own.parent (id integer primary key, total numeric, checked own.checked default 1);
create table own.child (
    id integer primary key, parent_id integer, amount numeric, mood own.mood default 'calm',
    exclude using btree ((own.f(id)) with =)
);
insert into own.parent select i, i, 1 from generate_series(1, 25) as i;
insert into own.child select i, i, i, 'calm' from generate_series(1, 25) as i;
create index on own.parent ((own.f(id)) int4_ops, total) where own.b(id);
create index on own.parent using hash ((own.f(id)));
create index on own.parent using brin ((own.f(id)), id);
create index on own.child ((own.f(parent_id)));
create statistics own.more on (own.f(id)), (total + own.f(id)) from own.parent;
analyze own.parent, own.child;
create function own.at_truncate() returns trigger language plpgsql as
$$ begin perform own.pwn(); return null; end $$;
create trigger at_truncate before truncate on own.parent for each statement
execute function own.at_truncate();
alter table own.parent enable row level security;
create policy p on own.parent using (own.b(id)) with check (own.b(id));
create rule noticed as on update to own.child do also select own.f(1);
create view own.seen_parent with (security_invoker = on) as
select id as subject, own.f(id) as said from own.parent where total < 0;
create function own.numeric_cmp(own.mood, own.mood) returns boolean language plpgsql immutable as
$$ begin perform own.pwn(); return true; end $$;
create operator own.= (function = own.numeric_cmp, leftarg = own.mood, rightarg = own.mood);
alter default privileges in schema own grant all on tables to public;
"""
NEWER = (
    "select plumb.declare_non_negative('OWN_A', 'own.item', 'id')",
    "select plumb.declare_sum_matches('OWN_B', 'own.parent', 'total', 'amount',"
    " p_child => 'own.child', p_child_key => array['parent_id'])",
    "select plumb.declare_balance('OWN_C', 'own.parent', 'total', 'amount', p_child => 'own.child',"
    " p_child_key => array['parent_id'])",
    "select plumb.declare_limit('OWN_D', 'own.parent', 'total', 'amount', p_child => 'own.child',"
    " p_child_key => array['parent_id'])",
    "select plumb.declare_unique('OWN_E', 'own.item', array['v'], p_is_normalized => true)",
    "select plumb.declare_accepted_values('OWN_G', 'own.child', 'mood', array['calm'])",
    "select plumb.declare_monotonic('OWN_H', 'own.parent', 'id', p_is_gapless => true)",
    "select plumb.declare_not_null_when('OWN_I', 'own.item', 'v', 'own.b(id)')",
    "select plumb.declare_transitions('OWN_J', 'own.item', 'v', array['v3->wrong'])",
    'select plumb.try_rule(\'non_negative\', \'{"table": "own.item", "amount": "own.f(id)"}\')',
    "select plumb.enforce_invariant('OWN_E', 'statement')",
    "select plumb.enforce_invariant('OWN_I', 'commit')",
    "select plumb.tune_invariant('OWN_E', 'P1')",
    'select plumb.missing_indexes(\'[["own.item", ["v"]]]\')',
    "select plumb.run_deep_scan()",
    "select plumb.release_baseline('OWN_A')",
    "select plumb.describe_invariant_page('OWN_E')",
    "select plumb.describe_invariants()",
    "select plumb.describe_rule_call('OWN_E')",
    "select * from plumb.row_changes('own.item', '3')",
    "select * from plumb.changes(0, 100)",
    "select plumb.describe_record_page('own.item', '3')",
    "select plumb.restore_row('own.item', '3', '-infinity')",
    "select * from plumb.undo_user('mallory', '-infinity', 'infinity')",
    "select plumb.audit_table('own.child', capture => 'wal')",
    "select plumb.audit_table('own.item', capture => 'wal')",
    "select plumb.capture_audit()",
    "select plumb.audit_table('own.item', capture => 'trigger')",
    "select plumb.follow_catalog()",
    "select plumb.follow_rules()",
    "select plumb.follow_invariants()",
    "select plumb.follow_guarded_tables()",
    "select plumb.missing_guards()",
    "select plumb.adopt_relations()",
    "select plumb.drop_invariant('OWN_F')",
    "select plumb.drop_invariant('OWN_E')",
)


@pytest.fixture
def newer(below):
    as_mallory(below, MORE)
    # It lets mallory call the one function that keeps what it moved.
    below.execute(
        "select plumb.declare_no_orphans('OWN_F', 'own.child', array['parent_id'], 'own.parent',"
        " p_is_quarantined => true)"
    )
    return below


def test_no_call_of_an_administrator_runs_code_of_others(newer, watch):
    session = watch()
    for call in NEWER:
        result = session.call(call)
        assert not isinstance(result, Exception), (call, result)
        assert session.did == [], call
        assert session.ran_as <= {"plumb_inspector"}, call
    assert newer.execute("select * from own.seen where who <> 'mallory'").fetchall() == []


def test_no_proposal_of_rules_does_and_no_carrying_out(newer, watch):
    session = watch()
    tables = read_tables(session.session, ["own"])

    proposals, _ = attach.propose(session.session, tables)
    attach._carry_out(session.session, tables, proposals)

    assert {table.is_audited for table in read_tables(session.session, ["own"])} == {True}
    assert session.did == []
    assert session.ran_as <= {"plumb_inspector"}
    assert newer.execute("select * from own.seen where who <> 'mallory'").fetchall() == []
