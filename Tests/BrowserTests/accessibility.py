"""What axe has to say about a page, levels A and AA of WCAG."""

from axe_playwright_python.sync_playwright import Axe

LEVELS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]}


def violations(page):
    found = Axe().run(page, options=LEVELS).response["violations"]
    return [f"{each['id']}: {each['help']}: {[node['html'][:160] for node in each['nodes'][:4]]}" for each in found]


def expect_accessible(page):
    assert violations(page) == []


def expect_accessible_in_both_themes(page):
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = violations(page)
        assert found == [], f"{scheme}: {found}"


def expect_no_sideways_scroll(page):
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], f"{page.url} is {wide[0]} px wide in a window of {wide[1]} px."
