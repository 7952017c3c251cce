"""What a page must show as it was typed."""

MARKUP = "<img src=x onerror=alert(1)><b>x</b>"


def expect_no_markup(page):
    assert page.locator("img[src='x']").count() == 0
    assert page.locator("b").get_by_text("x", exact=True).count() == 0
