"""The files for containers agree with each other, with the code, and with what a server needs.

No container is started here: where no engine runs, that they start is not tested.
"""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from plumbline.core.cluster import SETTINGS
from plumbline.core.config import VARIABLES

ROOT = Path(__file__).parents[2]
CONTAINER = ROOT / "deploy" / "container"


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((CONTAINER / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def containerfile():
    """Return the instructions of the Containerfile, continued lines joined."""
    text = (CONTAINER / "Containerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(" ".join(line.split()).split(" ", 1)) for line in lines]


def test_every_file_that_a_container_gets_is_there(compose):
    mounted = [
        mount.split(":")[0]
        for service in compose["services"].values()
        for mount in service.get("volumes", ())
    ]

    files = [name for name in mounted if name.startswith(".")]
    assert [name for name in files if not (CONTAINER / name).is_file()] == []
    assert {*mounted} - {*files} == {*compose["volumes"]}


def test_no_container_has_more_rights_than_it_needs(compose):
    for name, service in compose["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name
        assert not {"privileged", "network_mode", "pid"} & {*service}, name


def test_every_image_has_a_version(compose, containerfile):
    images = [service["image"] for service in compose["services"].values()]
    images += [words.split()[0] for instruction, words in containerfile if instruction == "FROM"]

    for image in images:
        assert re.search(r":v?\d", image), image


def test_the_image_is_of_this_version(compose):
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.M)[1]

    assert compose["services"]["plumb"]["image"] == f"plumbline:{version}"
    assert f"plumbline:{version}" in (CONTAINER / "Containerfile").read_text()


def test_the_image_holds_what_is_needed_and_does_not_run_as_root(containerfile):
    instructions = [instruction for instruction, _words in containerfile]
    text = "\n".join(words for _instruction, words in containerfile)

    assert {*instructions} <= {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER"}
    assert containerfile[-1] == ("USER", "postgres")
    for package in ("postgresql-17-cron", "postgresql-plpython3-17", "ca-certificates", "gnupg"):
        assert package in text
    assert "--no-install-recommends" in text
    assert "--require-hashes" in text
    for words in re.findall(r"COPY ([a-z]+) \1", "\n".join(map(" ".join, containerfile))):
        assert (ROOT / words).is_dir()


def test_the_server_has_the_settings_of_the_private_cluster(compose):
    given = dict(
        argument.removeprefix("-c").split("=", 1)
        for argument in compose["services"]["database"]["command"]
        if argument.startswith("-c")
    )

    assert given["shared_preload_libraries"] == "pg_cron,pg_stat_statements"
    for name in ("cron.use_background_workers", "max_worker_processes", "cron.max_running_jobs"):
        assert given[name] == SETTINGS[name], name


def test_the_service_is_given_variables_that_exist(compose):
    known = {variable.name for variable in VARIABLES}

    assert {*compose["services"]["plumb"]["environment"]} <= known


def test_prometheus_and_its_rules_are_read(tmp_path):
    # As the containers see them: the rules beside the configuration.
    for file in (CONTAINER / "prometheus.yml", ROOT / "deploy/prometheus/alert_rules.yml"):
        (tmp_path / file.name).write_text(
            file.read_text().replace("/run/secrets/api_token", str(tmp_path / "token"))
        )
    (tmp_path / "token").write_text("secret")
    done = subprocess.run(
        ["promtool", "check", "config", tmp_path / "prometheus.yml"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "name", ["alertmanager.yml", "grafana/datasources.yml", "grafana/dashboards.yml"]
)
def test_the_other_files_are_yaml(name):
    assert yaml.safe_load((CONTAINER / name).read_text())
