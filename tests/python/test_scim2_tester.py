"""The published conformance checker from PyPI, scim2-tester, passes every check.

Run as test_crowd_client.py is. The tenant has `profile=strict`, because the checker removes every
optional attribute, `active` among them, and only strict tenants allow that.

The checker reads what the server publishes, with one exception: the grammar of its library has no
place for a URN that ends in a number, such as that of the group description. The group type is
therefore described to it without that extension; the discovery documents themselves are checked as
they are.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.request

from scim2_tester import Status

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = (
    os.environ.get("PROVOST_BIN")
    or os.environ.get("PROVOST_TEST_BINARY")
    or str(ROOT / "target" / "debug" / "provost")
)
# The binary takes settings from variables with this prefix; a test must not inherit any.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("PROVOST_", "SCIM_CLI_"))}

# An extension whose URN the checker cannot write in a path.
UNREADABLE = "urn:okta:custom:group:1.0"
# The only status of a check that passed; the command fails on every other one.
PASSED = Status.SUCCESS.name


class Provost:
    """A running server on a throw-away data directory with one strict tenant."""

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory(prefix="provost-python-")
        self._data = os.path.join(self._directory.name, "data")
        self.token = json.loads(self._command("tenant", "create", "test", "--json"))["token"]
        self._command("tenant", "set", "test", "profile=strict")
        self._log = open(os.path.join(self._directory.name, "log"), "w+", encoding="utf-8")
        listen = ("--scim-listen", "127.0.0.1:0", "--app-listen", "127.0.0.1:0")
        self._process = subprocess.Popen(
            [BINARY, "serve", "--data-dir", self._data, *listen],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env=ENVIRONMENT,
        )
        self.url = self._wait_until_ready() + "/scim/test/v2"

    def _command(self, *arguments):
        command = [BINARY, *arguments, "--data-dir", self._data]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=ENVIRONMENT)
        return done.stdout

    def _wait_until_ready(self):
        for line in self._process.stdout:
            if line.startswith("ready "):
                return dict(part.split("=", 1) for part in line.split()[1:])["scim"]
        code = self._process.wait()
        self._log.seek(0)
        raise AssertionError(f"serve ended with {code} before it was ready: {self._log.read()}")

    def get(self, path):
        headers = {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.url + path, headers=headers)
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def resource_types(self):
        """A file with the published resource types, without the extension that is unreadable."""
        types = self.get("/ResourceTypes")["Resources"]
        for kind in types:
            extensions = kind.get("schemaExtensions", [])
            kind["schemaExtensions"] = [one for one in extensions if one["schema"] != UNREADABLE]
        path = os.path.join(self._directory.name, "resource_types.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(types, file)
        return path

    def stop(self):
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()
        self._log.close()
        self._directory.cleanup()


class Scim2Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.provost = Provost()
        cls.addClassCleanup(cls.provost.stop)

    def test_every_check_passes(self):
        """`scim2 test` as a user runs it; it prints one line a check, then the reason."""
        done = subprocess.run(
            [
                os.path.join(os.path.dirname(sys.executable), "scim2"),
                "--url",
                self.provost.url,
                "--resource-types",
                self.provost.resource_types(),
                "test",
                "--verbose",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env={**ENVIRONMENT, "SCIM_CLI_HEADERS": f"Authorization: Bearer {self.provost.token}"},
        )
        names = {status.name for status in Status}
        checks = []
        for line in done.stdout.splitlines():
            if line.split(" ")[0] in names:
                checks.append(line)
            elif checks:
                checks[-1] += "\n" + line
        failed = [check for check in checks if not check.startswith(PASSED + " ")]
        self.assertEqual(failed, [], f"{len(failed)} of {len(checks)} failed\n" + "\n".join(failed))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertGreater(len(checks), 100, done.stdout)


if __name__ == "__main__":
    unittest.main()
