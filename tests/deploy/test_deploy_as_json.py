"""What `./plumb deploy --json` prints."""

import json

from plumbline.cli.manual import JSON_FIELDS


def test_with_json_it_prints_how_it_ended(deploy_here, arguments, service, history, capsys):
    code = deploy_here([*arguments(), "--json"])

    printed = json.loads(capsys.readouterr().out)
    assert [*printed] == [*JSON_FIELDS["deploy"]]
    assert (code, printed["status"], history()) == (0, "succeeded", [("v2", "succeeded")])
