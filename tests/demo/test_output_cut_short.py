"""A reader that stops reading, such as `head`, is no reason for a traceback."""

import os
import subprocess
import sys


def test_a_closed_pipe_ends_a_command_quietly(shop_url):
    command = [sys.executable, "-m", "plumbline.cli", "demo", "--break", "NO_DUPLICATE_INVOICES"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "DATABASE_URL": shop_url, "PYTHONUNBUFFERED": "1"},
    )
    process.stdout.close()

    said = process.stderr.read().decode()

    assert process.wait(timeout=30) == 141
    assert said == ""
