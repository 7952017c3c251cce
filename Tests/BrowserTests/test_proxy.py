"""Behind nginx and Apache as docs/proxy has them: TLS ended there, the pages below a path."""

import json
import re

import pytest
from playwright.sync_api import expect

from proxies import NAME, Proxy
from server import PASSWORD

ORIGIN = f"Origin: https://{NAME}"


@pytest.fixture(params=["nginx", "apache"])
def proxy(request, serve, tmp_path):
    settings = tmp_path / "gridpilot.yaml"
    settings.write_text(f"public_url: https://{NAME}/gridpilot\n")
    server = serve(arguments=["--config", str(settings)])
    proxy = Proxy(request.param, tmp_path, server.port)
    yield proxy
    proxy.end()


def sign_in(proxy):
    body = json.dumps({"username": "operator", "password": PASSWORD})
    status, head, _ = proxy.ask("POST", "/gridpilot/api/login", [ORIGIN], body)
    assert status == 200, head
    return re.findall(r"(?i)set-cookie: (.*)", head)


def test_the_cookie_is_for_tls_and_for_the_path(proxy):
    cookies = sign_in(proxy)
    assert len(cookies) == 2
    for cookie in cookies:
        assert "; Secure" in cookie and "; Path=/gridpilot/;" in cookie


def test_api_and_push_work_below_the_path(proxy):
    cookie = "Cookie: " + sign_in(proxy)[0].split(";")[0]
    status, head, body = proxy.ask("GET", "/gridpilot/api/me", [cookie])
    assert status == 200 and json.loads(body)["username"] == "operator"
    assert "strict-transport-security" in head.lower()
    assert proxy.upgrade("/gridpilot/push", [cookie, ORIGIN]) == 101
    assert proxy.upgrade("/gridpilot/push", [cookie, f"Origin: http://{NAME}"]) == 403
    assert proxy.upgrade("/gridpilot/push", [cookie]) == 403


def test_a_page_of_another_site_changes_nothing(proxy):
    cookie = "Cookie: " + sign_in(proxy)[0].split(";")[0]
    for origin in (["Origin: https://evil.example"], [f"Origin: http://{NAME}"], []):
        assert proxy.ask("POST", "/gridpilot/api/logout", [cookie, *origin], "{}")[0] == 403
    assert proxy.ask("POST", "/gridpilot/api/logout", [cookie, ORIGIN], "{}")[0] == 204


def test_the_pages_name_their_files_below_the_path(proxy):
    status, _, page = proxy.ask("GET", "/gridpilot/sessions")
    assert status == 200 and 'data-base="/gridpilot"' in page
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert addresses and all(address.startswith("/gridpilot/static/") for address in addresses)
    for address in addresses:
        assert proxy.ask("GET", address)[0] == 200, address


def test_figures_are_not_for_visitors(proxy):
    assert proxy.ask("GET", "/gridpilot/metrics")[0] == 401


def test_a_person_signs_in_and_stays_below_the_path(proxy, launch):
    chromium = launch(f"--host-resolver-rules=MAP {NAME}:443 127.0.0.1:{proxy.port}")
    try:
        page = chromium.new_context(ignore_https_errors=True).new_page()
        page.goto(f"https://{NAME}/gridpilot/sessions")
        expect(page).to_have_url(re.compile(r"/gridpilot/login\?next=%2Fsessions$"))
        page.get_by_label("User name").fill("operator")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"https://{NAME}/gridpilot/sessions")
        page.get_by_role("link", name="New session").first.click()
        expect(page).to_have_url(f"https://{NAME}/gridpilot/sessions/new")
        page.reload()
        expect(page.get_by_role("heading", name="New session")).to_be_visible()
    finally:
        chromium.close()
