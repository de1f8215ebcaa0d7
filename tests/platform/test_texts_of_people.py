"""What people write into the record can be read as it stands: no character hides another one."""

import psycopg
import pytest

UNSHOWN = {
    "newline": "\n",
    "tabulator": "\t",
    "escape": "\x1b[2J",
    "carriage return": "\rall is well",
    "delete": "\x7f",
    "control sequence of one character": "\x9b2J",
    "next line": "\x85",
    "line separator": "\u2028",
    "right to left": "\u202e",
    "isolate": "\u2066",
    "right-to-left mark": "\u200f",
}
CALLS = {
    "engage_safe_mode(%(text)s, 'ann')": "the reason for safe mode",
    "engage_safe_mode('why', %(text)s)": "the name of the person",
    "disengage_safe_mode('token', %(text)s)": "the name of the person",
    "comment_incident(%(incident)s, 'seen', %(text)s)": "the name of the person",
    "acknowledge_incident(%(incident)s, %(text)s)": "the name of the person",
    "escalate_now(%(incident)s, %(text)s, 'ann')": "the reason for escalating",
    "escalate_now(%(incident)s, 'why', %(text)s)": "the name of the person",
    "close_incident(%(incident)s, %(text)s, 'ann')": "the reason for closing",
    "silence_incident(%(incident)s, 'infinity', %(text)s, 'ann')": "the reason",
    "silence(now() + interval '1 hour', %(text)s)": "the reason for the silence",
    "silence(now() + interval '1 hour', 'why', p_by => %(text)s)": "the name of the person",
    "end_silence(1, %(text)s)": "the name of the person",
    "discard_delivery(1, %(text)s)": "the reason for discarding it",
    "resend_delivery(1, %(text)s)": "the name of the person",
    "accept_privileges(%(text)s)": "the reason why they are right",
    "block_client('203.0.113.9', %(text)s)": "the reason for the block",
    "block_client('203.0.113.9', 'why', p_by => %(text)s)": "the name of the person",
    "unblock_client('203.0.113.9', %(text)s)": "the name of the person",
    "allow_client('203.0.113.0/24', %(text)s)": "the reason",
    "accept_finding(1, %(text)s, 'why')": "the name of the person",
    "accept_finding(1, 'ann', %(text)s)": "the reason for accepting",
    "withdraw_acceptance(1, 'ann', %(text)s)": "the reason for withdrawing",
    "redact_audit('retail.stock', '1', null, %(text)s)": "the reason for the redaction",
    "start_deployment(%(text)s, 600)": "the name of the deployment",
}


@pytest.fixture
def incident(db):
    return db.execute("select plumb.open_incident('test', 'scope', 'P3', 'title')").fetchone()[0]


@pytest.mark.parametrize("call", CALLS)
def test_a_name_and_a_reason_are_one_line_of_visible_characters(db, incident, call):
    for name, unshown in UNSHOWN.items():
        with pytest.raises(psycopg.Error) as refused:
            db.execute(f"select plumb.{call}", {"text": f"all{unshown}well", "incident": incident})
        assert refused.value.sqlstate == "PL002", name
        assert CALLS[call] in refused.value.diag.message_primary
        assert unshown[0] not in refused.value.diag.message_primary
    assert db.execute("select mode from plumb.system_mode").fetchone() == ("normal",)


def test_the_character_is_named_by_its_number(db):
    with pytest.raises(psycopg.Error, match=r"contains the control character U\+001B"):
        db.execute("select plumb.expect_text('the reason', %s)", ["\x1b[31mred"])


def test_a_comment_may_have_lines(db, incident):
    db.execute("select plumb.comment_incident(%s, %s, 'ann')", [incident, "first\n\tsecond\r\n"])
    for comment in ("\x1b[2J", "a\u202eb", "\n \t"):
        with pytest.raises(psycopg.Error) as refused:
            db.execute("select plumb.comment_incident(%s, %s, 'ann')", [incident, comment])
        assert refused.value.sqlstate == "PL002"


@pytest.mark.parametrize("text", ["Zoë O'Hara", "日本語", "عربي", "50 % - “ok” 👍🏽", "a\u00a0b"])
def test_what_people_really_write_is_taken(db, incident, text):
    db.execute("select plumb.comment_incident(%s, %s, %s)", [incident, text, text])
