"""The guide's commands, word for word but for the host, in a real shell against a real server."""

import json
import subprocess

ENABLE = """curl -X POST https://api/system-mode/safe \\
  -H 'Content-Type: application/json' \\
  -d '{"reason":"manual intervention","enabledBy":"ops@example.com"}'"""
SET_TOKEN = (
    "psql $DATABASE_URL -c \"UPDATE system_mode SET override_token = 'your-secret' WHERE id = 1\""
)
DISABLE = """curl -X DELETE https://api/system-mode/safe \\
  -H 'Content-Type: application/json' \\
  -d '{"overrideToken":"your-secret","disabledBy":"ops@example.com"}'"""
HEALTH = "curl https://api/system-health | jq '{score, grade, safeMode}'"


def shell(service, command):
    done = subprocess.run(
        ["sh", "-c", command.replace("https://api", service.url)],
        capture_output=True,
        text=True,
        check=True,
        env={"DATABASE_URL": service.database_url, "PATH": "/usr/bin:/bin"},
    )
    return done.stdout


def test_safe_mode_is_switched_on_and_off_as_the_guide_says(service, service_db):
    service_db.execute("set search_path = retail, plumb, public")
    write = "insert into retail.customers (customer_id, name) values (default, 'x')"

    enabled = json.loads(shell(service, ENABLE))

    assert enabled["safeMode"] is True
    assert enabled["reason"] == "manual intervention"
    assert enabled["enabledBy"] == "ops@example.com"
    refused = service_db.execute("select is_safe_mode from plumb.safe_mode").fetchone()
    assert refused == (True,)

    assert "UPDATE 1" in shell(service, SET_TOKEN)
    disabled = json.loads(shell(service, DISABLE))

    assert disabled["safeMode"] is False
    assert disabled["disabledBy"] == "ops@example.com"
    service_db.execute(write)


def test_health_can_be_read_with_jq(service):
    health = json.loads(shell(service, HEALTH))

    assert list(health) == ["score", "grade", "safeMode"]
    assert 0 <= health["score"] <= 100
    assert health["grade"] in set("ABCDF")
    assert health["safeMode"] is False
