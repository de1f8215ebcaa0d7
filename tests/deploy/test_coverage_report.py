"""Line coverage is read from what test runners write, and from nothing else."""

import pytest
from plumbline.cli.deploy.coverage import NotCoverage, floor_percent, parse_coverage, read_coverage
from plumbline.core.errors import PlumbError

DOCTYPE = b'<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">'
COBERTURA = b'<?xml version="1.0" ?>\n' + DOCTYPE
LCOV = b"TN:\nSF:a.c\nDA:1,5\nDA:2,0\nend_of_record\n"


@pytest.mark.parametrize(
    ("content", "percent"),
    [
        (COBERTURA + b'<coverage lines-valid="8" lines-covered="7" line-rate="0.1"/>', 87.5),
        (b'\xef\xbb\xbf<coverage line-rate="0.9"><packages/></coverage>', 90),
        # Branches make coverage.py's own percentage differ from its lines'.
        (
            b'{"totals": {"covered_lines": 9, "num_statements": 10, "percent_covered": 50.0}}',
            90,
        ),
        (b'{"total": {"lines": {"total": 4, "covered": 3, "pct": 99}}}', 75),
        (LCOV, 50),
        # A second test ran the line that the first did not.
        (LCOV + b"TN:b\nSF:a.c\nDA:2,1\nend_of_record\n", 100),
        (b"SF:a.c\nLF:10\nLH:9\nend_of_record\n", 90),
        (b"SF:a.c\r\nDA:1,1,c2hh\r\nLF:1\r\nLH:1\r\nend_of_record\r\n", 100),
    ],
)
def test_every_format_is_read_by_its_lines(content, percent):
    assert parse_coverage(content).percent == pytest.approx(percent)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"total 90%", "no known format"),
        (b"\x00\x01PNG", "no known format"),
        (b"<coverage", "not XML"),
        (b'<testsuite tests="3"/>', "its root is <testsuite>"),
        (b"<coverage/>", "neither lines-valid nor line-rate"),
        (b'<coverage line-rate="NaN"/>', "not between 0 and 1"),
        (b'<coverage line-rate="87"/>', "not between 0 and 1"),
        (b'<coverage lines-valid="0" lines-covered="0" line-rate="1"/>', "measured no line"),
        (b'<coverage lines-valid="1" lines-covered="2"/>', "2 of 1 lines"),
        (b'<coverage lines-valid="x" lines-covered="2"/>', "not a number of lines"),
        (b'<coverage lines-valid="' + b"9" * 5000 + b'" lines-covered="2"/>', "not a number"),
        (b"{", "not JSON"),
        (b"[" * 10, "no known format"),
        (b"{}", "neither totals"),
        (b'{"totals": {"num_statements": 0, "covered_lines": 0}}', "measured no line"),
        (b'{"totals": {"num_statements": 10, "covered_lines": true}}', "not a number of lines"),
        (b'{"totals": {"num_statements": 10, "covered_lines": 9.5}}', "not a number of lines"),
        (b'{"totals": {"num_statements": 10}}', "not a number of lines"),
        (b'{"a":' * 100000, "not JSON"),
        (b"SF:a.c\nDA:1,1\n", "in the middle"),
        (b"SF:a.c\nDA:one,1\nend_of_record", "line 2"),
        (b"SF:a.c\nend_of_record\n", "measured no line"),
        (b"TN:\n", "measured no line"),
    ],
)
def test_what_is_no_report_says_why(content, why):
    with pytest.raises(NotCoverage, match=why):
        parse_coverage(content)


def test_entities_are_refused_before_they_grow():
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    bomb = f'<!DOCTYPE coverage [<!ENTITY l0 "ha">{laughs}]><coverage line-rate="&l9;"/>'

    with pytest.raises(NotCoverage, match="declares the entity"):
        parse_coverage(bomb.encode())


def test_files_of_the_machine_are_not_read_into_a_report():
    reader = b'<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]><coverage>&x;</coverage>'

    with pytest.raises(NotCoverage, match="declares the entity"):
        parse_coverage(reader)


@pytest.mark.parametrize("make", ["missing", "directory", "wrong"])
def test_the_error_names_the_file(tmp_path, make):
    path = tmp_path / "coverage.xml"
    if make == "directory":
        path.mkdir()
    elif make == "wrong":
        path.write_text("hello")

    with pytest.raises(PlumbError, match=str(path)) as raised:
        read_coverage(path)

    assert raised.value.exit_code == 2


def test_a_percentage_is_cut_never_rounded_up():
    almost = parse_coverage(b'{"totals": {"num_statements": 100000000, "covered_lines": 84999999}}')

    assert floor_percent(almost) < 85
