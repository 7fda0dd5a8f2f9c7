"""The published Crowd client from PyPI reads what was provisioned through SCIM.

Run with `python3 -m unittest discover tests/python` in an environment that has the packages of
requirements.txt. PROVOST_BIN (or PROVOST_TEST_BINARY) names the binary under test; without it,
target/debug/provost.
Only what a stranger has is used: the command line, SCIM over HTTP, and the client.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import urllib.request

import crowd

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = (
    os.environ.get("PROVOST_BIN")
    or os.environ.get("PROVOST_TEST_BINARY")
    or str(ROOT / "target" / "debug" / "provost")
)
# The binary takes settings from variables with this prefix; a test must not inherit any.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("PROVOST_")}

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
DESCRIPTION = "urn:okta:custom:group:1.0"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Provost:
    """A running server on a throw-away data directory, and a SCIM client for it."""

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory(prefix="provost-python-")
        self._data = os.path.join(self._directory.name, "data")
        tenant = self._command("tenant", "create", "test")
        application = self._command("application", "create", "jira", "--tenant", "test")
        self.token = tenant["token"]
        self.application = application["application"]
        self.password = application["password"]
        self._log = open(os.path.join(self._directory.name, "log"), "w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [
                BINARY,
                "serve",
                "--data-dir",
                self._data,
                "--scim-listen",
                "127.0.0.1:0",
                "--app-listen",
                "127.0.0.1:0",
            ],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env=ENVIRONMENT,
        )
        self.scim_url, self.app_url = self._wait_until_ready()

    def _command(self, *arguments):
        command = [BINARY, *arguments, "--data-dir", self._data, "--json"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=ENVIRONMENT)
        return json.loads(done.stdout)

    def _wait_until_ready(self):
        for line in self._process.stdout:
            if line.startswith("ready "):
                urls = dict(part.split("=", 1) for part in line.split()[1:])
                return urls["scim"], urls["app"]
        code = self._process.wait()
        self._log.seek(0)
        raise AssertionError(f"serve ended with {code} before it was ready: {self._log.read()}")

    def connect(self, test, password=None):
        """The published client; its connections are closed when the test class ends."""
        url = self.app_url + "/crowd"
        client = crowd.CrowdServer(url, self.application, password or self.password, timeout=30)
        for session in (client.session, client.session_xml):
            test.addClassCleanup(session.close)
        return client

    def stop(self):
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()
        self._log.close()
        self._directory.cleanup()

    def scim(self, method, path, body=None):
        """One SCIM request; the answer's body as a value, `None` if it has none."""
        request = urllib.request.Request(
            f"{self.scim_url}/scim/test/v2{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/scim+json",
            },
        )
        with urllib.request.urlopen(request) as response:
            content = response.read()
        return json.loads(content) if content else None

    def create_user(self, name, given, family, department=None):
        body = {
            "schemas": [USER],
            "userName": name,
            "name": {"givenName": given, "familyName": family},
            "displayName": f"{given} {family}",
            "emails": [{"value": f"{given.lower()}@example.com", "primary": True}],
            "active": True,
        }
        if department:
            body["schemas"].append(ENTERPRISE)
            body[ENTERPRISE] = {"department": department}
        return self.scim("POST", "/Users", body)["id"]

    def create_group(self, name, members, description=None):
        body = {
            "schemas": [GROUP],
            "displayName": name,
            "members": [{"value": member} for member in members],
        }
        if description:
            body["schemas"].append(DESCRIPTION)
            body[DESCRIPTION] = {"description": description}
        return self.scim("POST", "/Groups", body)["id"]

    def replace(self, path, attribute, value):
        operation = {"op": "replace", "path": attribute, "value": value}
        self.scim("PATCH", path, {"schemas": [PATCH], "Operations": [operation]})


class CrowdClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.provost = Provost()
        cls.addClassCleanup(cls.provost.stop)
        cls.anna = cls.provost.create_user("asmith", "Anna", "Smith", department="R&D")
        cls.bjorn = cls.provost.create_user("bjorn.ødegård", "Bjørn", "Ødegård")
        cls.olaf = cls.provost.create_user("old.user", "Olaf", "Gone")
        cls.provost.replace(f"/Users/{cls.olaf}", "active", False)
        developers = cls.provost.create_group("dev team", [cls.anna])
        cls.provost.create_group(
            "jira-users", [cls.anna, cls.bjorn, developers], 'All "Jira" users & friends'
        )
        cls.provost.create_group("empty-group", [])
        cls.client = cls.provost.connect(cls)

    def test_the_application_password_is_checked(self):
        self.assertTrue(self.client.auth_ping())
        self.assertFalse(self.provost.connect(type(self), "wrong").auth_ping())

    def test_users_are_listed(self):
        found = self.client.search("user", "email", "@example.com")["users"]
        users = {user["name"]: user for user in found}
        self.assertEqual(set(users), {"asmith", "bjorn.ødegård", "old.user"})
        self.assertEqual(users["asmith"]["key"], self.anna)
        self.assertEqual(users["asmith"]["email"], "anna@example.com")
        self.assertEqual(users["bjorn.ødegård"]["display-name"], "Bjørn Ødegård")
        active = {name: user["active"] for name, user in users.items()}
        self.assertEqual(active, {"asmith": True, "bjorn.ødegård": True, "old.user": False})

    def test_a_user_has_its_attributes(self):
        user = self.client.get_user("asmith")
        self.assertEqual((user["first-name"], user["last-name"]), ("Anna", "Smith"))
        attributes = {a["name"]: a["values"] for a in user["attributes"]["attributes"]}
        self.assertEqual(attributes, {"synch.department": ["R&D"]})

    def test_unknown_users_do_not_exist(self):
        self.assertTrue(self.client.user_exists("ASMITH"))
        self.assertFalse(self.client.user_exists("nobody"))
        self.assertIsNone(self.client.get_user("nobody"))

    def test_groups_are_listed(self):
        found = self.client.search("group", "name", "")["groups"]
        descriptions = {group["name"]: group["description"] for group in found}
        expected = {
            "dev team": "",
            "jira-users": 'All "Jira" users & friends',
            "empty-group": "",
        }
        self.assertEqual(descriptions, expected)

    def test_memberships_are_listed(self):
        memberships = {
            group: (set(members["users"]), set(members["groups"]))
            for group, members in self.client.get_memberships().items()
        }
        expected = {
            "jira-users": ({"asmith", "bjorn.ødegård"}, {"dev team"}),
            "dev team": ({"asmith"}, set()),
            "empty-group": (set(), set()),
        }
        self.assertEqual(memberships, expected)

    def test_groups_of_a_user(self):
        self.assertEqual(set(self.client.get_groups("asmith")), {"jira-users", "dev team"})
        self.assertEqual(self.client.get_groups("bjorn.ødegård"), ["jira-users"])
        nested = self.client.get_nested_groups("asmith")
        self.assertEqual(set(nested), {"jira-users", "dev team"})
        users = self.client.get_nested_group_users("jira-users")
        self.assertEqual(sorted(users), ["asmith", "bjorn.ødegård"])

    def test_people_have_no_password(self):
        self.assertIsNone(self.client.auth_user("asmith", "secret"))

    def test_writes_are_refused(self):
        self.assertIn("identity provider", self.client.create_group("new"))
        self.assertFalse(self.client.add_user_to_group("asmith", "empty-group"))
        self.assertFalse(self.client.set_active("asmith", False))
        self.assertTrue(self.client.get_user("asmith")["active"])


class CrowdClientAndChanges(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.provost = Provost()
        cls.addClassCleanup(cls.provost.stop)
        cls.client = cls.provost.connect(cls)

    def test_changes_are_seen_at_once(self):
        user = self.provost.create_user("late", "Lena", "Late")
        self.assertTrue(self.client.get_user("late")["active"])
        self.provost.replace(f"/Users/{user}", "active", False)
        self.assertFalse(self.client.get_user("late")["active"])
        self.provost.replace(f"/Users/{user}", "userName", "later")
        self.assertIsNone(self.client.get_user("late"))
        self.assertEqual(self.client.get_user("later")["key"], user)


if __name__ == "__main__":
    unittest.main()
