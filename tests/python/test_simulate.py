"""`provost simulate` finds what is wrong with somebody else's server: scim2-server from PyPI.

Run as test_crowd_client.py is. The server follows the RFCs to the letter, which is not enough for
the dialects of Entra, OneLogin and JumpCloud, and exactly enough for Okta.
"""

import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = (
    os.environ.get("PROVOST_BIN")
    or os.environ.get("PROVOST_TEST_BINARY")
    or str(ROOT / "target" / "debug" / "provost")
)
# The binary takes settings from variables with this prefix; a test must not inherit any.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("PROVOST_")}
TOKEN = "not-a-secret"


class Scim2Server:
    """A running scim2-server, which keeps everything in memory."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._address = probe.getsockname()
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8")
        command = os.path.join(os.path.dirname(sys.executable), "scim2-server")
        self._process = subprocess.Popen(
            [command, "--bearer-token", TOKEN, "--port", str(self._address[1])],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=ENVIRONMENT,
        )
        self.address = self._address
        self.url = f"http://127.0.0.1:{self._address[1]}/v2"
        self._wait_until_ready()

    def _wait_until_ready(self):
        while self._process.poll() is None:
            try:
                socket.create_connection(self._address).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.05)
        self._log.seek(0)
        raise AssertionError(f"scim2-server has ended: {self._log.read()}")

    def stop(self):
        self._process.terminate()
        self._process.wait()
        self._log.close()


class Gateway:
    """Adds TLS in front of a server, with a certificate of an authority of its own."""

    def __init__(self, upstream):
        self._upstream = upstream
        self._folder = tempfile.TemporaryDirectory()
        self.authority = self._path("ca.pem")
        self._issue()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._path("leaf.pem"), self._path("leaf.key"))
        self._listener = context.wrap_socket(
            socket.create_server(("127.0.0.1", 0)), server_side=True, do_handshake_on_connect=False
        )
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _path(self, name):
        return os.path.join(self._folder.name, name)

    def _issue(self):
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], check=True, capture_output=True)

        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        pathlib.Path(self._path("leaf.ext")).write_text("subjectAltName=IP:127.0.0.1\n", "ascii")
        openssl("req", "-x509", *key, "-subj", "/CN=Authority", "-days", "2",
                "-keyout", self._path("ca.key"), "-out", self.authority)
        openssl("req", "-new", *key, "-subj", "/CN=Gateway",
                "-keyout", self._path("leaf.key"), "-out", self._path("leaf.csr"))
        openssl("x509", "-req", "-in", self._path("leaf.csr"), "-days", "2", "-CA", self.authority,
                "-CAkey", self._path("ca.key"), "-CAcreateserial",
                "-extfile", self._path("leaf.ext"), "-out", self._path("leaf.pem"))

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, socket.create_connection(self._upstream) as server:
            try:
                client.do_handshake()
            except OSError:
                return
            down = threading.Thread(target=self._pump, args=(server, client), daemon=True)
            down.start()
            self._pump(client, server)
            down.join()

    @staticmethod
    def _pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def stop(self):
        self._listener.close()
        self._folder.cleanup()


class SimulateTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Scim2Server()
        cls.addClassCleanup(cls.server.stop)

    def play(self, idp, url=None, *more):
        """Exit code and verdict of a simulation that cleans up behind itself."""
        arguments = ("simulate", idp, "--url", url or self.server.url, "--token", TOKEN, *more)
        size = ("--users", "12", "--groups", "5", "--days", "6", "--seed", "11", "--cleanup")
        done = subprocess.run(
            [BINARY, *arguments, *size, "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=False,
            env=ENVIRONMENT,
        )
        verdict = json.loads(done.stdout)
        self.assertEqual(verdict["left_behind"], 0, verdict)
        return done.returncode, verdict

    def test_okta_can_live_with_it(self):
        for idp in ("okta", "okta-catalogue"):
            code, verdict = self.play(idp)
            self.assertEqual((code, verdict["findings"]), (0, []), verdict)

    def test_a_gateway_with_tls_is_believed_by_its_authority_only(self):
        gateway = Gateway(self.server.address)
        self.addCleanup(gateway.stop)
        url = f"{gateway.url}/v2"
        code, verdict = self.play("okta", url, "--ca-file", gateway.authority)
        self.assertEqual((code, verdict["findings"]), (0, []), verdict)
        code, verdict = self.play("okta", url, "--attempts", "1")
        self.assertEqual(code, 1, verdict)
        self.assertIn("certificate", json.dumps(verdict["findings"]))

    def test_what_hurts_others_is_found(self):
        """Findings as (code, request, word of the answer)."""
        for idp, *expected in (
            (
                "entra",
                ("rejected", "create group", "Unknown extension schemas"),
                ("rejected", "ask for reference", "manager"),
                ("rejected", "set manager", "valid dictionary"),
            ),
            (
                "onelogin",
                ("rejected", "create user", "prefferedLanguage"),
                ("rejected", "create group", "schemas"),
            ),
            (
                "jumpcloud",
                ("rejected", "change members", "remove operation carries no value"),
                ("members-extra", "change members", "remove operation carries no value"),
            ),
        ):
            code, verdict = self.play(idp)
            self.assertEqual(code, 1, verdict)
            for trouble, request, word in expected:
                found = [
                    one
                    for one in verdict["findings"]
                    if (one["code"], one["request"]) == (trouble, request)
                ]
                self.assertEqual(len(found), 1, f"{idp} {trouble} {request}: {verdict}")
                self.assertIn(word, found[0]["came"])
                self.assertEqual(found[0]["severity"], "hurts")
                self.assertTrue(found[0]["dialect"], found[0])


if __name__ == "__main__":
    unittest.main()
