"""A person with a real browser looks, acts, signs in; on a phone, in the dark, without scripts."""

import re
from pathlib import Path

import psycopg
import pytest
from api_processes import running
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright
from sql_coverage import SQL_COVERAGE

CHROMIUM = Path("/usr/bin/chromium")
# Nothing leaves this machine, and whoever tests may be root, for whom Chromium has no sandbox.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
ARGUMENTS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
ARGUMENTS += ["--proxy-server=direct://"]
PAGES = ["/", "/view/incidents", "/view/incidents/1", "/view/invariants/NO_NEGATIVE_STOCK"]
PAGES += ["/view/sign-in", "/view/records?table=retail.sales&key=42", "/view/nothing"]
PAGES += ["/view/settings/escalate_attempts"]
PAGES += [
    f"/view/{name}"
    for name in (
        *("audit", "jobs", "checks", "security"),
        *("backups", "deployments", "reports", "settings"),
    )
]
PHONE = {"width": 390, "height": 844}

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="this distribution has no package of Chromium"
)


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(service_database, tmp_path_factory):
    """Run a service on a database with a violated invariant, and yield its URL."""
    with psycopg.connect(service_database, autocommit=True) as connection:
        connection.execute("insert into retail.customers (customer_id, name) values (7, 'Ada')")
        connection.execute(
            "insert into retail.sales (sale_id, invoice_no, customer_id, total)"
            " values (42, 'I-42', 7, 25)"
        )
        connection.execute("select plumb.seal_audit()")
        connection.execute("select plumb.check_invariants()")
        connection.execute("select plumb.score_health()")
        with running(service_database, tmp_path_factory.mktemp("site") / "log") as service:
            yield service.url


@pytest.fixture(scope="module")
def shop(plumbline_server, tmp_path_factory):
    """Run a service on a database of this module, with one wrong sale, and yield it."""
    server = plumbline_server
    base = f"postgresql://{server.user}:{server.password or ''}@{server.host}:{server.port}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute("drop database if exists plumb_test_story with (force)")
        connection.execute(f"create database plumb_test_story template {server.template_dbname}")
        with psycopg.connect(f"{base}/plumb_test_story", autocommit=True) as own:
            own.execute("insert into retail.customers (customer_id, name) values (7, 'Ada')")
            own.execute(
                "insert into retail.sales (sale_id, invoice_no, customer_id, total)"
                " values (42, 'I-42', 7, 25)"
            )
        with running(f"{base}/plumb_test_story", tmp_path_factory.mktemp("story") / "log") as made:
            yield made
        SQL_COVERAGE.collect(f"{base}/plumb_test_story")
        connection.execute("drop database plumb_test_story with (force)")


@pytest.fixture
def db(shop):
    """Return a session on the story's database, as it is when the story begins."""
    with psycopg.connect(shop.database_url, autocommit=True) as connection:
        connection.execute("set search_path = retail")
        connection.execute("update plumb.system_mode set mode = 'normal', override_token = null")
        connection.execute("delete from plumb.api_tokens")
        connection.execute("update sales set total = 25 where sale_id = 42")
        connection.execute("select plumb.check_invariants()")
        connection.execute(
            "select plumb.unacknowledge_incident(incident_id, 'a test') from plumb.incidents"
            " where is_open and acknowledged_at is not null"
        )
        yield connection


@pytest.fixture
def story(shop, db):
    """Return the URL of the service at the beginning of the story."""
    return shop.url


def is_fault(said):
    """Tell whether the console reports a fault; an answer that is an error is the page's matter."""
    expected = re.search("status of|ERR_CONNECTION_REFUSED", said.text)
    return said.type in ("error", "warning") and not expected


@pytest.fixture
def open_tab(chromium):
    """Return a function that opens a page in a new window; what it complains about fails."""
    contexts, complaints = [], []

    def open_one(url, **options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(10_000)
        tab.on("console", lambda said: complaints.append(said.text) if is_fault(said) else None)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(url)
        return tab

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def act(tab, summary, **fields):
    """Open the form of an action, fill it in and send it."""
    tab.locator("details.act > summary", has_text=re.compile(f"^{summary}$")).click()
    form = tab.locator("details.act[open] form")
    for label, value in fields.items():
        form.get_by_label(label.replace("_", " ")).fill(value)
    form.get_by_role("button").click()


def test_from_the_break_to_the_resolved_incident(open_tab, story, db):
    tab = open_tab(story)
    expect(tab.get_by_role("heading", level=1)).to_contain_text("invariants are violated")
    tab.get_by_role("link", name=re.compile("SALE_TOTAL_MATCHES_LINE_ITEMS: 1 violation")).click()
    act(tab, "Acknowledge", Your_name="Grace")
    expect(tab.get_by_text("by Grace").first).to_be_visible()
    db.execute("update sales set total = 0 where sale_id = 42")
    tab.get_by_role("button", name="Check now").click()

    expect(tab.get_by_text("Nothing: it is over")).to_be_visible()
    assert db.execute(
        "select count(*) from plumb.incidents where is_open and source = 'invariant'"
    ).fetchone() == (0,)


def test_safe_mode_is_engaged_and_ended(open_tab, story, db):
    db.execute("update plumb.system_mode set override_token = 's3cret'")
    tab = open_tab(story)
    act(tab, "Engage safe mode", Your_name="Grace", Why="a leak")
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Safe mode: no writes since")
    act(tab, "End safe mode", Override_token="s3cret")

    expect(tab.get_by_role("heading", level=1)).not_to_contain_text("Safe mode")
    assert db.execute("select mode, disabled_by from plumb.system_mode").fetchone() == (
        "normal",
        "Grace",
    )


def test_a_token_signs_in_and_its_name_acts(open_tab, story, db):
    token = db.execute("select plumb.create_token('grace', 'operate')").fetchone()[0]
    tab = open_tab(f"{story}/view/incidents/1")
    tab.get_by_role("link", name="Sign in to act").click()
    tab.get_by_label("Token", exact=True).fill("wrong")
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("alert")).to_contain_text("unknown, expired or revoked")
    tab.get_by_label("Token", exact=True).fill(token)
    tab.get_by_role("button", name="Sign in").click()
    tab.get_by_role("button", name="Acknowledge").click()
    expect(tab.get_by_role("button", name="Hand back")).to_be_visible()
    acknowledged = db.execute(
        "select acknowledged_by from plumb.incidents where incident_id = 1"
    ).fetchone()
    assert acknowledged == ("grace",)
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_role("link", name="Sign in")).to_be_visible()


def test_everything_works_without_javascript(open_tab, story, db):
    tab = open_tab(f"{story}/view/incidents/1", java_script_enabled=False)
    act(tab, "Acknowledge", Your_name="Grace")

    expect(tab.get_by_role("button", name="Hand back")).to_be_visible()
    assert tab.locator("noscript meta[http-equiv=refresh]").count() == 1


def test_the_page_refreshes_itself_in_place(open_tab, story, db):
    tab = open_tab("about:blank")
    tab.clock.install()
    tab.goto(story)
    tab.evaluate("window.isTheSame = true")
    db.execute("select plumb.engage_safe_mode('a test', 'ops')")
    tab.clock.fast_forward(16_000)

    expect(tab.get_by_role("heading", level=1)).to_contain_text("Safe mode")
    assert tab.evaluate("window.isTheSame") is True


def test_what_a_person_types_is_not_taken_away(open_tab, story, db):
    tab = open_tab("about:blank")
    tab.clock.install()
    tab.goto(f"{story}/view/incidents/1")
    tab.get_by_text("Comment", exact=True).first.click()
    tab.get_by_label("Comment").fill("I am look")
    tab.clock.fast_forward(60_000)
    tab.get_by_label("Comment").press_sequentially("ing")

    expect(tab.get_by_label("Comment")).to_have_value("I am looking")


def test_a_service_that_is_gone_is_said_on_the_page(open_tab, shop, tmp_path):
    with running(shop.database_url, tmp_path / "log") as service:
        tab = open_tab("about:blank")
        tab.clock.install()
        tab.goto(service.url)
    tab.clock.fast_forward(16_000)

    expect(tab.get_by_text("The service does not answer")).to_be_visible()


@pytest.fixture(scope="module")
def looking_tab(chromium):
    """Return a tab for what only looks: opening one takes longer than looking."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.set_default_timeout(10_000)
    yield tab
    context.close()


def serious_faults(tab, **options):
    """Return what axe finds on the page as it is."""
    found = Axe().run(tab, options={"resultTypes": ["violations"], **options}).response
    return [
        (violation["id"], node["html"][:120])
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_phone_and_axe_finds_nothing_serious(looking_tab, site, path):
    tab = looking_tab
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.emulate_media(color_scheme="light")
    tab.goto(site + path)
    tab.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    # Rows of a kind are judged alike, and a page has hundreds of settings.
    tab.evaluate("document.querySelectorAll('tr:nth-child(n + 12)').forEach((one) => one.remove())")
    found = serious_faults(tab)
    # Nothing but the colours differs.
    tab.emulate_media(color_scheme="dark")
    found += serious_faults(tab, runOnly=["color-contrast"])
    tab.set_viewport_size(PHONE)

    assert found == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_dark_page_is_dark(open_tab, site):
    shades = {
        scheme: open_tab(site, color_scheme=scheme).evaluate(
            "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
        )
        for scheme in ("light", "dark")
    }

    assert max(shades["dark"]) < 60
    assert min(shades["light"]) > 200


def test_the_keyboard_reaches_the_content_first(open_tab, site):
    tab = open_tab(site)
    tab.keyboard.press("Tab")
    expect(tab.get_by_text("Skip to the content")).to_be_focused()
    tab.keyboard.press("Enter")

    assert tab.evaluate("document.activeElement.id") == "main"
