"""The controls of the run page, by role and by the names that are promised for them."""

import re

from playwright.sync_api import expect


def button(page, name):
    """By the beginning of its accessible name, in whole words: Start is not Starting."""
    return page.get_by_role("button", name=re.compile(rf"^{re.escape(name)}\b"))


def pill(page):
    return page.locator("#status")


def notice(page, text):
    """A notice that says this, whether it is a status or an alert."""
    return page.locator("[role=status], [role=alert]").filter(has_text=text).first


def lines(page, title):
    return page.get_by_role("log", name=f"{title} lines").get_by_role("listitem")


def expect_loaded(images, at_least=1):
    """The pictures are there, and have pixels."""
    expect(images.nth(at_least - 1)).to_be_visible()
    for image in images.all():
        # Cards further down load theirs when they come near the window.
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def expect_resting(control, reason):
    """Disabled in the way that can be focused and read: it says why."""
    expect(control).to_have_attribute("aria-disabled", "true")
    expect(control).to_have_accessible_description(re.compile(re.escape(reason)))
