"""The example at the head of py_post.sql, as it happens with three receivers."""

import json
import time

from receivers import Receiver

SECONDS_MAX = 1
TEXT = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


def test_each_destination_is_sent_to_in_order_and_waits_for_no_other(alerts):
    receivers = {"a": Receiver(), "b": Receiver(), "c": Receiver()}
    receivers["a"].behave_always(200)
    receivers["b"].behave_always(500)
    receivers["c"].behave_always("hang")
    names = ["a1", "a2", "b1", "b2", "c1"]
    requests = [
        {
            "deliveryId": name,
            "claimId": "",
            "destination": name[0],
            "host": "127.0.0.1",
            "port": receivers[name[0]].server.server_port,
            "tls": False,
            "text": TEXT,
        }
        for name in names
    ]
    started_at = time.monotonic()

    results = alerts.value(
        "select plumb.py_post(%s, %s, %s, null)", json.dumps(requests), SECONDS_MAX, SECONDS_MAX
    )

    assert time.monotonic() - started_at < 3 * SECONDS_MAX
    assert {result["deliveryId"]: "raw" in result for result in results} == {
        "a1": True,
        "a2": True,
        "b1": True,
        "c1": False,
    }
    assert [receivers[name].attempt_count for name in "abc"] == [2, 1, 1]
