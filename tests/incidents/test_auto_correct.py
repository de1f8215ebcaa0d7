"""Orphaned lines are taken out, kept and recorded; what cannot be corrected calls a person."""

import pytest


@pytest.fixture
def orphaned(shop):
    shop.execute(
        """
        set session_replication_role = replica;
        delete from payments;
        delete from sales where sale_id = 1;
        set session_replication_role = origin;
        """
    )
    return shop


def events(db):
    return db.execute(
        "select event, note from incident_events order by incident_event_id"
    ).fetchall()


def test_orphans_are_quarantined_deleted_recorded_and_resolved_in_one_cycle(orphaned):
    rows = orphaned.execute("select invariant, status from check_invariants()").fetchall()
    assert ("NO_ORPHANED_SALE_ITEMS", "holds") in rows
    assert orphaned.execute("select * from sale_items").fetchall() == []
    kept = orphaned.execute("select relation, subject, row_data from quarantined_rows").fetchall()
    assert kept == [
        (
            "retail.sale_items",
            "1",
            {
                "sale_item_id": 1,
                "sale_id": 1,
                "product_id": 1,
                "quantity": 3,
                "unit_price": 10.0,
                "line_total": 30.0,
            },
        )
    ]
    assert orphaned.execute("select priority, status, auto_healed from incidents").fetchall() == [
        ("P3", "RESOLVED", True)
    ]
    assert events(orphaned) == [
        ("opened", "NO_ORPHANED_SALE_ITEMS: 1 violation"),
        (
            "auto_correct",
            "auto-correct plumb_rules.quarantine_no_orphaned_sale_items changed 1 row",
        ),
        ("resolved", "no violation is left"),
    ]
    assert orphaned.execute("select score from drift_scores").fetchall() == [(100,)]


def test_the_evidence_survives_the_correction(orphaned):
    orphaned.execute("select check_invariants()")
    snapshot = orphaned.execute("select snapshot -> 'violations' from incidents").fetchone()[0]
    assert [v["explanation"] for v in snapshot] == [
        "sale_items 1: sale_id is 1, which sales does not have"
    ]
    cleared = orphaned.execute(
        "select subject, cleared_at is not null, incident_id is not null from invariant_violations"
    )
    assert cleared.fetchall() == [("1", True, True)]


def test_a_quarantined_row_can_be_put_back(orphaned):
    orphaned.execute("select check_invariants()")
    orphaned.execute("insert into sales (sale_id, invoice_no, customer_id) values (1, 'R-1', 1)")
    orphaned.execute(
        "insert into sale_items select r.* from quarantined_rows as q,"
        " jsonb_populate_record(null::sale_items, q.row_data) as r"
    )
    assert orphaned.execute("select line_total from sale_items").fetchall() == [(30,)]


def test_a_line_whose_sale_came_back_is_left_alone(shop):
    moved = shop.execute(
        "select plumb_rules.quarantine_no_orphaned_sale_items(array['1'])"
    ).fetchone()
    assert moved == (0,)
    assert shop.execute("select count(*) from sale_items").fetchone() == (1,)


def test_a_line_whose_sale_a_policy_hides_is_left_alone(shop):
    shop.execute("alter table sales enable row level security, force row level security")
    with pytest.raises(Exception, match="row-level security"):
        shop.execute("select plumb_rules.quarantine_no_orphaned_sale_items(array['1'])")
    assert shop.execute("select count(*) from sale_items").fetchone() == (1,)


def test_a_correction_that_fails_keeps_everything_and_escalates(orphaned):
    orphaned.execute(
        """
        create function public.refuse() returns trigger language plpgsql as $$
        begin raise exception 'the archive is closed'; end $$;
        create trigger refuse before delete on sale_items
        for each row execute function public.refuse();
        """
    )
    for _ in range(4):
        orphaned.execute("select check_invariants()")
    assert orphaned.execute("select status, attempts from incidents").fetchall() == [
        ("ESCALATED", 3)
    ]
    failed = (
        "auto_correct",
        "auto-correct plumb_rules.quarantine_no_orphaned_sale_items failed: the archive is closed",
    )
    assert events(orphaned).count(failed) == 4
    assert orphaned.execute("select count(*) from sale_items").fetchone() == (1,)
    assert orphaned.execute("select count(*) from quarantined_rows").fetchone() == (0,)


def test_a_correction_that_is_gone_says_so(orphaned):
    orphaned.execute("update invariants set auto_correct = 'plumb.gone' where priority = 'P3'")
    orphaned.execute("select check_invariants()")
    assert events(orphaned)[1][1] == "auto-correct plumb.gone failed: there is no such function"


def test_auto_correct_waits_while_safe_mode_is_on(orphaned):
    orphaned.execute("select engage_safe_mode('drill', 'ops@example.com')")
    orphaned.execute("select check_invariants()")
    assert orphaned.execute("select status from incidents").fetchall() == [("OPEN",)]
    assert events(orphaned)[1] == (
        "auto_correct",
        "auto-correct waits: safe mode allows no writes",
    )
    assert orphaned.execute("select count(*) from sale_items").fetchone() == (1,)


def test_a_correction_mends_a_bounded_number_at_a_time(orphaned):
    orphaned.execute(
        """
        set session_replication_role = replica;
        insert into sale_items (sale_id, product_id, quantity, unit_price, line_total)
        select 99, 1, 1, 1, 1 from generate_series(1, 5);
        set session_replication_role = origin;
        select change_setting('heal_rows_max', '4');
        """
    )
    orphaned.execute("select check_invariants()")
    assert orphaned.execute("select count(*) from sale_items").fetchone() == (2,)
    orphaned.execute("select check_invariants()")
    assert orphaned.execute("select status from incidents").fetchall() == [("RESOLVED",)]
