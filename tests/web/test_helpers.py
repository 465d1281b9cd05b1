"""What the helpers find on pages that have it, and on pages that have not."""

import threading

import pytest

from tests.web.accessible import accessible, fits, roomy
from tests.web.speed import frames_while_scrolling, seconds_until_shown
from tests.web.stand_in import show
from tests.web.windows import Look, Window

GOOD = "<main><h1>Lisbon</h1><button style='min-width:44px;height:44px'>Add</button></main>"


def test_good_page_passes(phone: Window) -> None:
    """Under a policy that forbids eval."""
    show(phone, GOOD)
    accessible(phone.page)
    roomy(phone.page)
    fits(phone.page)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<img src='data:,'>", "image-alt"),
        ("<p style='color:#999;background:#fff'>Pale</p>", "color-contrast"),
        ("<button style='width:10px;height:10px'>+</button>" * 2, "target-size"),
    ],
)
def test_page_with_a_barrier_is_not_accessible(desktop: Window, body: str, rule: str) -> None:
    """The rule is named, and the element is shown."""
    show(desktop, f"<main><h1>Lisbon</h1>{body}</main>")
    with pytest.raises(AssertionError, match=rf"{rule}: .*https://[\s\S]*{body[:4]}"):
        accessible(desktop.page)


def test_small_target_is_not_roomy(phone: Window) -> None:
    """But a link in a sentence is as high as the sentence."""
    show(phone, "<p>Read <a href='#a'>more</a>.</p>" + GOOD)
    roomy(phone.page)
    show(phone, "<button style='height:30px'>Add</button>")
    with pytest.raises(AssertionError, match=r"x 30: <button"):
        roomy(phone.page)


def test_wide_page_does_not_fit(phone: Window) -> None:
    show(phone, "<div style='width:400px'>Wide</div>")
    with pytest.raises(AssertionError, match="400 px in 390\n<div"):
        fits(phone.page)


def test_frames_are_counted_while_a_page_scrolls(phone: Window) -> None:
    show(phone, "<p style='height:9000px'>Long</p>")
    seen = frames_while_scrolling(phone.page, frames=30)
    assert len(seen.milliseconds) == 30
    assert seen.per_second > 0
    slow = "setInterval(() => { const end = performance.now() + 60; while (performance.now() < end); }, 1)"
    show(phone, f"<p style='height:9000px'>Long</p><script>{slow}</script>")
    assert frames_while_scrolling(phone.page, frames=30).late > 0.9


def test_time_until_a_text_shows_is_measured(phone: Window) -> None:
    """It is that of the page, also where the write takes longer."""
    late = "setTimeout(() => { document.querySelector('p').textContent = 'Dinner' }, 300)"
    show(phone, f"<p>Quiet</p><script>addEventListener('click', () => {late})</script>")
    took = seconds_until_shown(phone.page, "Dinner", lambda: phone.page.locator("p").click())
    assert took >= 0.3
    with pytest.raises(Exception, match="already"):
        seconds_until_shown(phone.page, "Dinner", threading.Event)


def test_screenshot_is_of_the_whole_page(phone: Window) -> None:
    show(phone, "<p style='height:2000px'>Long</p>")
    path = phone.screenshot("stand-in")
    assert path.read_bytes()[16:20] == (2 * 390).to_bytes(4)
    assert path.parent.name == str(Look())
