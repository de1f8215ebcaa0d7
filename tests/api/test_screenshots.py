"""The pictures of the documentation can be taken again from what runs."""

from pathlib import Path

import pytest
from api_processes import running
from plumbline.cli.demo.screenshots import SIZES, take_screenshots
from plumbline.core.errors import PlumbError


@pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="there is no Chromium here")
def test_three_pages_become_pictures(db, tmp_path):
    db.execute("insert into customers (customer_id, name) values (7, 'Ada')")
    db.execute(
        "insert into sales (sale_id, invoice_no, customer_id, total) values (42, 'I-42', 7, 25)"
    )
    db.execute("select plumb.seal_audit()")
    db.execute("select plumb.check_invariants()")
    said = []
    with running(db.info.dsn, tmp_path / "log") as service:
        take_screenshots(db.info.dsn, service.url, tmp_path / "new", said.append)

    for name, (width, height) in SIZES.items():
        head = (tmp_path / "new" / f"{name}.png").read_bytes()[:24]
        assert head[:4] == b"\x89PNG"
        assert [int.from_bytes(head[16:20]), int.from_bytes(head[20:24])] == [width, height]
    assert len(said) == len(SIZES)


def test_without_a_violation_there_is_nothing_to_show(db, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/true")

    with pytest.raises(PlumbError, match="no violation is known"):
        take_screenshots(db.info.dsn, "http://127.0.0.1:9", tmp_path)
