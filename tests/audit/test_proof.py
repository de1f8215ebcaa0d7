"""One row is proven to have stood in the log, without the database; a bent proof is refused."""

import copy
import json

import pytest
from plumbline.cli.audit import proof as audit_proof
from plumbline.core.errors import PlumbError

from .conftest import load_format_1, seal
from .test_anchors import place, plumb  # noqa: F401


@pytest.fixture(params=["format 2", "format 1"])
def log(request, audit):
    """Yield a log of 130 transactions, of which one has three rows, and a seal behind them."""
    if request.param == "format 1":
        load_format_1(audit, "short")
        return audit
    for key in range(100, 230):
        audit.execute("insert into app.item values (%s)", [key])
    audit.execute("insert into app.item values (20), (21), (22)")
    seal(audit)
    audit.execute("insert into app.item values (30)")
    seal(audit)
    return audit


@pytest.fixture
def proven(log):
    """Yield the proof of row 2 of 3, in the last but one seal, and the anchor of the last."""
    (txid,) = log.execute(
        "select txid::text::bigint from audit_log where record_key = '21' and n = 2"
    ).fetchone()
    anchored, seal_hash = log.execute(
        "select seal_id, encode(seal_hash, 'hex') from seals order by seal_id desc limit 1"
    ).fetchone()
    with log.transaction():
        proof = audit_proof.prove(log, txid, 2, anchored)
    return json.loads(json.dumps(proof)), {anchored: seal_hash}


def paths(value, path=()):
    """Yield the path of everything in a proof that is not a container."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from paths(value[key], (*path, key))
    else:
        yield path


def bent(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return ("1" if value[:1] == "0" else "0") + value[1:]
    return "00"


def test_a_proof_holds(proven):
    row = audit_proof.check(*proven)
    assert (row.relation, row.record_key, row.n) == ("app.item", "21", 2)


def test_whatever_is_bent_the_proof_breaks(proven):
    proof, anchors = proven
    held = []
    for path in paths(proof):
        if path == ("format",):
            continue
        copied = copy.deepcopy(proof)
        parent = copied
        for key in path[:-1]:
            parent = parent[key]
        parent[path[-1]] = bent(parent[path[-1]])
        try:
            audit_proof.check(copied, anchors)
            held.append(path)
        except PlumbError:
            pass
    assert held == []


def test_what_no_column_could_hold_is_no_proof(proven):
    proof, anchors = proven
    for path in paths(proof):
        if path == ("format",):
            continue
        for value in (-1, 1 << 15, 1 << 31, 1 << 63, 1 << 64, 10**40, "\ud800", None, [], {}):
            copied = copy.deepcopy(proof)
            parent = copied
            for key in path[:-1]:
                parent = parent[key]
            if parent[path[-1]] == value:
                continue
            parent[path[-1]] = value
            with pytest.raises(PlumbError):
                audit_proof.check(copied, anchors)


def test_a_proof_needs_its_anchor(proven):
    proof, anchors = proven
    with pytest.raises(PlumbError, match="no anchor") as unknown:
        audit_proof.check(proof, {})
    with pytest.raises(PlumbError, match="not the anchored one") as broken:
        audit_proof.check(proof, dict.fromkeys(anchors, "00"))
    assert (unknown.value.exit_code, broken.value.exit_code) == (2, 1)


def test_the_command_proves_and_checks(audit, plumb, place, tmp_path, capsys):  # noqa: F811
    audit.execute("insert into app.item values (1), (2)")
    audit.execute("select plumb.capture_audit()")
    assert plumb("proof", "app.item", "1") == 2
    assert plumb("anchor", "--dir", place) == 0
    file = tmp_path / "proof.json"
    assert plumb("proof", "app.item", "1", "--out", file) == 0
    capsys.readouterr()
    assert plumb("proof", "--check", file, "--anchors", place) == 0
    assert "old none: there was no such row" in capsys.readouterr().out
    file.write_text(file.read_text().replace("INSERT", "DELETE"))
    assert plumb("proof", "--check", file, "--anchors", place) == 1
    assert plumb("proof", "app.item", "99") == 2
    assert plumb("proof", "--check", tmp_path / "none", "--anchors", place) == 2
    capsys.readouterr()
