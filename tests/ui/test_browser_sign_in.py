"""Signing in with a real browser: what survives a reload, what a script can read, and an identity provider."""

from __future__ import annotations

import base64
import json
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from curation.access import add_person
from tamiz.decisions import mark_sieved
from tamiz.guidelines import guideline_history, write_guideline
from tamiz.store import Store

pytestmark = pytest.mark.slow
PIN = "52-klm"
CLIENT, SECRET = "tamiz-test", "a secret between the two"


class IdentityProvider(ThreadingHTTPServer):
    """An OpenID Connect provider on loopback: whoever comes is who `claims` says, signed with a key of its own."""

    daemon_threads = True

    def __init__(self) -> None:
        from joserfc.jwk import RSAKey

        super().__init__(("127.0.0.1", 0), _Handler)
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.claims: dict[str, object] = {}
        self.nonces: dict[str, str] = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: IdentityProvider

    def do_GET(self) -> None:
        at, parts = self.server.address, urlsplit(self.path)
        if parts.path == "/.well-known/openid-configuration":
            self._json(
                {
                    "issuer": at,
                    "authorization_endpoint": f"{at}/authorize",
                    "token_endpoint": f"{at}/token",
                    "jwks_uri": f"{at}/jwks",
                    "end_session_endpoint": f"{at}/logout",
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "code_challenge_methods_supported": ["S256"],
                }
            )
        elif parts.path == "/jwks":
            self._json({"keys": [self.server.key.as_dict(private=False)]})
        elif parts.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            code = base64.urlsafe_b64encode(str(time.monotonic()).encode()).decode()
            self.server.nonces[code] = asked["nonce"]
            self._go(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
        elif parts.path == "/logout":
            self._go(parse_qs(parts.query)["post_logout_redirect_uri"][0])
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        from joserfc import jwt

        sent = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        now = int(time.time())
        claims = {"iss": self.server.address, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"nonce": self.server.nonces.pop(sent["code"][0])} | self.server.claims
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.server.key)
        self._json({"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": token})

    def _json(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _go(self, url: str) -> None:
        self.send_response(302)
        self.send_header("location", url)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Tab:
    def __init__(self, page, address):
        self.page, self.address = page, address

    def open(self, path=""):
        self.page.goto(f"{self.address}/{path}")
        return self

    def sees(self, text):
        self.page.get_by_text(text, exact=True).first.wait_for(timeout=20_000)
        return self

    def presses(self, label):
        self.page.get_by_role("button", name=label).last.click()
        return self

    def enters(self, name, pin):
        self.sees("PIN")
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("PIN", exact=True).fill(pin)
        self.page.keyboard.press("Enter")
        return self


@pytest.fixture(scope="module")
def provider():
    with IdentityProvider() as server:
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def served(tmp_path_factory, new_project, start_app, free_port, provider):
    """A project with people and an identity provider, and its address."""
    folder, port = new_project(tmp_path_factory.mktemp("team")), free_port()
    with Store.open(f"sqlite:///{folder / 'tamiz.db'}") as store:
        add_person(store, "Lead", "admin", by="shell:me", pin=PIN)
        add_person(store, "guest", "viewer", by="person:Lead", subject="guest@example.org")
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\ncookie_secret = "{"k" * 32}"\n'
        f'client_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
        f'server_metadata_url = "{provider.address}/.well-known/openid-configuration"\n',
        encoding="utf-8",
    )
    child = start_app(folder, port)
    yield folder, f"http://127.0.0.1:{port}"
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=20)


@pytest.fixture
def tab(chromium, served):
    context = chromium.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    yield Tab(context.new_page(), served[1])
    context.close()


def cookies(tab):
    return [one for one in tab.page.context.cookies() if one["name"].startswith("tamiz_")]


def test_a_reload_keeps_somebody_signed_in_until_they_sign_out(tab, served, until):
    tab.open("review").enters("lead", PIN).sees("Lead · admin")
    until(lambda: cookies(tab))
    assert tab.page.url.startswith(f"{served[1]}/review")
    assert [(one["httpOnly"], one["sameSite"], one["expires"]) for one in cookies(tab)] == [(True, "Strict", -1)]
    token = cookies(tab)[0]["value"]
    assert token not in tab.page.url + tab.page.content() + tab.page.evaluate("document.cookie")
    tab.page.reload()
    tab.sees("Lead · admin").presses("Sign out").sees("PIN")
    tab.page.reload()
    tab.sees("PIN")
    assert tab.page.get_by_text("Lead · admin").count() == 0


def test_signing_out_leaves_nothing_of_what_was_typed_in_the_browser(tab, served, until, make_pair):
    pair = make_pair(1)
    with Store.open(f"sqlite:///{served[0] / 'tamiz.db'}") as store:
        store.add_pairs([pair], "source:ayuda")
        mark_sieved(store, [pair.id])
    copies = "Object.keys(localStorage).filter(name => name.startsWith('tamiz.draft/')).length"
    tab.open("review").enters("Lead", PIN).sees("Lead · admin")
    tab.page.get_by_label("Answer", exact=True).first.fill("Half of it")
    until(lambda: tab.page.evaluate(copies) == 1)
    tab.presses("Sign out").sees("PIN")
    until(lambda: tab.page.evaluate(copies) == 0)


def test_a_guideline_fetches_nothing_and_runs_nothing(screen, app):
    text = "![a](http://127.0.0.1:9/a.png) \\![b](http://127.0.0.1:9/b.png) <img src=x onerror=alert(1)> "
    text += "[bad](javascript:alert(2)) [good](https://ayuda.example/) **bold**"
    with app.store() as store:
        seen = max((one.version for one in guideline_history(store, "es")), default=0)
        write_guideline(store, "es", text, "person:Lead", seen=seen)
    screen.open("settings").says("good")
    screen.page.get_by_role("link", name="bad").first.click()
    shown = screen.page.locator(".st-key-guideline")
    assert shown.locator("img").count() == 0
    assert "<img src=x onerror=alert(1)>" in shown.inner_text()
    assert screen.dialogs == []
    assert [url for url in screen.requests if not url.startswith((app.address, "data:", "blob:"))] == []
    with app.store() as store:
        write_guideline(store, "es", "", "person:Lead", seen=seen + 1)


def test_a_code_that_was_not_offered_gives_no_cookie(tab, served):
    answer = tab.page.request.post(f"{served[1]}/session", data="guessed")
    assert (answer.status, cookies(tab)) == (403, [])
    foreign = tab.page.request.post(f"{served[1]}/session", data="x", headers={"origin": "http://evil.example"})
    assert foreign.status == 403


def test_an_identity_provider_opens_the_door_for_whom_it_vouches_and_the_project_knows(tab, provider):
    provider.claims = {"sub": "78", "email": "guest@example.org", "email_verified": False}
    tab.open().sees("PIN").presses("Sign in with the organisation's account")
    tab.page.get_by_text("you are nobody of this project yet").wait_for(timeout=20_000)
    tab.presses("Use another account").sees("PIN")
    provider.claims = {"sub": "77", "email": "guest@example.org", "email_verified": True}
    tab.presses("Sign in with the organisation's account").sees("guest · viewer").presses("Sign out").sees("PIN")
