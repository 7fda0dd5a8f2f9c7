"""The published Crowd client sees what a view shows: groups that keep their names, frozen views.

Run as test_crowd_client.py is.
"""

import subprocess
import unittest

from test_crowd_client import ENVIRONMENT, BINARY, Provost

EVERYBODY = '<?xml version="1.0" encoding="UTF-8"?><null-search-restriction/>'


class Application:
    """What an application does beside what the published client has methods for."""

    def __init__(self, client):
        self.client = client

    def _headers(self):
        return {"Content-Type": "application/xml", "Accept": "application/json"}

    def token(self):
        answer = self.client.session.get(self.client.rest_url + "/event")
        return answer.json()["newEventToken"]

    def events(self, token):
        answer = self.client.session.get(f"{self.client.rest_url}/event/{token}")
        answer.raise_for_status()
        return answer.json()

    def list_everybody(self):
        """Status and names of a full listing."""
        answer = self.client.session.post(
            self.client.rest_url + "/search",
            params={"entity-type": "user", "start-index": 0, "max-results": -1, "expand": "user"},
            data=EVERYBODY,
            headers=self._headers(),
        )
        users = answer.json().get("users", []) if answer.status_code == 200 else []
        return answer.status_code, {user["name"]: user["active"] for user in users}


def administer(provost, *arguments):
    return provost._command("application", *arguments)


class RenamedGroups(unittest.TestCase):
    def test_a_renamed_group_is_untouched_until_released(self):
        provost = Provost()
        self.addCleanup(provost.stop)
        anna = provost.create_user("anna", "Anna", "Smith")
        group = provost.create_group("dev", [anna])
        client = provost.connect(type(self))
        before = client.get_memberships()
        self.assertEqual(before["dev"]["users"], ["anna"])

        provost.replace(f"/Groups/{group}", "displayName", "developers")
        self.assertEqual(client.get_memberships(), before)
        self.assertEqual(client.get_groups("anna"), ["dev"])
        shown = administer(provost, "show", "jira")
        self.assertEqual(shown["kept_group_names"][0]["current"], "developers")
        listed = administer(provost, "release-groups", "jira")
        self.assertFalse(listed["released"])
        self.assertEqual(client.get_memberships(), before)

        administer(provost, "release-groups", "jira", "dev")
        wait_until(lambda: list(client.get_memberships()) == ["developers"])
        self.assertEqual(client.get_groups("anna"), ["developers"])


class FrozenViews(unittest.TestCase):
    def setUp(self):
        self.provost = Provost()
        self.addCleanup(self.provost.stop)
        self.ids = [self.provost.create_user(f"u{n}", f"U{n}", "X") for n in range(70)]
        self.provost.create_group("all", self.ids)
        self.client = self.provost.connect(type(self))
        self.application = Application(self.client)
        status, users = self.application.list_everybody()
        self.assertEqual((status, len(users)), (200, 70))
        self.token = self.application.token()
        self.token = self.application.events(self.token)["newEventToken"]
        for user in self.ids[:21]:
            self.provost.replace(f"/Users/{user}", "active", False)

    def assert_frozen(self):
        told = self.application.events(self.token)
        self.assertEqual((told["events"], told["newEventToken"]), ([], self.token))
        self.assertEqual(self.application.list_everybody()[0], 503)
        self.assertIsNotNone(self.client.get_user("u50"))
        shown = administer(self.provost, "show", "jira")
        self.assertTrue(shown["frozen"])
        self.assertEqual(shown["would_lose"]["users"], 21)

    def test_a_mass_change_is_held_and_released(self):
        self.assert_frozen()
        administer(self.provost, "release", "jira")
        wait_until(lambda: self.application.list_everybody()[0] == 200)
        told = self.application.events(self.token)["events"]
        self.assertEqual(len([e for e in told if e["type"] == "userEvent"]), 21)
        _, users = self.application.list_everybody()
        self.assertEqual(sum(users.values()), 49)
        self.assertFalse(administer(self.provost, "show", "jira")["frozen"])

    def test_a_mass_change_is_held_and_discarded(self):
        self.assert_frozen()
        done = administer(self.provost, "discard", "jira")
        self.assertEqual((done["users"], done["frozen"]), (21, False))
        status, users = self.application.list_everybody()
        self.assertEqual((status, sum(users.values())), (200, 70))
        told = self.application.events(self.token)["events"]
        self.assertTrue(all(e["user"]["active"] for e in told if e["type"] == "userEvent"))


class Passwords(unittest.TestCase):
    def test_two_passwords_are_valid_during_a_rotation(self):
        provost = Provost()
        self.addCleanup(provost.stop)
        old = provost.connect(type(self))
        new = provost.connect(type(self), administer(provost, "rotate", "jira")["password"])
        wait_until(new.auth_ping)
        self.assertTrue(old.auth_ping())
        administer(provost, "finish-rotation", "jira")
        wait_until(lambda: not old.auth_ping())
        self.assertTrue(new.auth_ping())
        refused = subprocess.run(
            [BINARY, "application", "finish-rotation", "jira", "--data-dir", provost._data],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
        )
        self.assertEqual(refused.returncode, 2)
        self.assertIn("nothing to finish", refused.stderr)


def wait_until(is_so):
    """A server notices what a command changed within a second; each look is a request."""
    for _ in range(1_000):
        if is_so():
            return
    raise AssertionError("the server did not notice the change")


if __name__ == "__main__":
    unittest.main()
