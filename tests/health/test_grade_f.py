"""Grade F engages safe mode, but only for what was measured."""

from scores import ALL_BROKEN, make_stock_negative, record_backup, report_traffic, score


class TestGradeF:
    """Grade F engages safe mode."""

    def lose_integrity(self, db):
        db.execute(ALL_BROKEN)
        make_stock_negative(db)
        db.execute("select * from plumb.check_invariants()")

    def is_safe(self, db):
        return db.execute("select plumb.is_safe_mode()").fetchone()[0]

    def test_lost_integrity_engages_safe_mode(self, db):
        self.lose_integrity(db)

        db.execute("select plumb.run_health()")

        assert db.execute("select is_automatic, reason from safe_mode").fetchone()[0]
        assert db.execute("select is_safe_mode from health_scores").fetchone() == (True,)

    def test_a_measured_f_engages_safe_mode(self, db):
        db.execute("select * from plumb.check_invariants()")
        report_traffic(db, 100, errors=100, p95_ms=9999)
        record_backup(db, "1000 hours")
        db.execute("select plumb.open_incident('test', 'a', 'P1', 'problem')")
        db.execute("select plumb.open_incident('test', 'b', 'P1', 'problem')")

        assert score(db)[1] == "F"
        assert self.is_safe(db)

    def test_an_f_before_the_first_check_does_not(self, db):
        assert score(db)[1] == "F"
        assert not self.is_safe(db)

    def test_an_f_for_lack_of_measurements_does_once_something_was_checked(self, db, at):
        db.execute("select * from plumb.check_invariants()")
        at("2 days")

        assert score(db)[1] == "F"
        assert self.is_safe(db)

    def test_unless_the_operator_does_not_want_it_to(self, db, at):
        db.execute("select plumb.change_setting('safe_mode_unknown_counts', 'false')")
        db.execute("select * from plumb.check_invariants()")
        at("2 days")

        assert score(db)[1] == "F"
        assert not self.is_safe(db)

    def test_it_can_be_switched_off(self, db):
        db.execute("select plumb.change_setting('safe_mode_auto_enabled', 'false')")
        self.lose_integrity(db)

        assert score(db)[1] == "F"
        assert not self.is_safe(db)

    def test_after_a_release_by_hand_it_holds_back_for_a_while(self, db, at, disengage):
        self.lose_integrity(db)
        db.execute("select plumb.run_health()")
        db.execute("update plumb.system_mode set override_token = 's3cret' where id = 1")
        assert disengage() == "disengaged"

        at("29 minutes")
        db.execute("select plumb.run_health()")
        assert not self.is_safe(db)

        at("31 minutes")
        db.execute("select plumb.run_health()")
        assert self.is_safe(db)
