"""How smooth and how fresh a page is."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import Page

from tests.web.chromium import ACTION_MILLISECONDS

FRAME_MILLISECONDS = 1000 / 60
# From one frame to the next, a step down; at the end of the page it turns round.
SCROLL = """([frames, step]) => new Promise((done) => {
    const times = [];
    let down = step;
    const next = (now) => {
        times.push(now);
        if (times.length > frames) return done(times);
        const before = scrollY;
        scrollBy(0, down);
        if (scrollY === before) down = -down;
        requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
})"""

# In each frame: the browser may lay out what is new one frame after the page has it.
NOTE = """([text, patience]) => {
    const shows = () => document.body.innerText.includes(text);
    if (shows()) throw new Error(`The page shows this already: ${text}`);
    globalThis.noted = new Promise((done) => {
        const look = () => shows() ? done(Date.now()) : requestAnimationFrame(look);
        look();
        setTimeout(() => done(null), patience);
    });
}"""


@dataclass(frozen=True)
class Frames:
    """Milliseconds from each frame to the next."""

    milliseconds: list[float]

    @property
    def late(self) -> float:
        """Share of frames that came more than half a frame late."""
        late = [each for each in self.milliseconds if each > 1.5 * FRAME_MILLISECONDS]
        return len(late) / len(self.milliseconds)

    @property
    def per_second(self) -> float:
        return 1000 * len(self.milliseconds) / sum(self.milliseconds)

    def __str__(self) -> str:
        return (
            f"{self.per_second:.1f} frames a second; median {median(self.milliseconds):.1f} ms, "
            f"longest {max(self.milliseconds):.1f} ms, {self.late:.1%} late"
        )


def frames_while_scrolling(page: Page, *, frames: int = 300, step: int = 120) -> Frames:
    """Scroll the page down and up. frames: how many; step: CSS pixels from one to the next."""
    times = page.evaluate(SCROLL, [frames, step])
    return Frames([after - before for before, after in itertools.pairwise(times)])


def seconds_until_shown(page: Page, text: str, write: Callable[[], object]) -> float:
    """From the moment somebody else begins to write until the page shows a text that was not there.

    The page itself notes the time: Playwright looks less often the longer it waits.
    """
    page.evaluate(NOTE, [text, ACTION_MILLISECONDS])
    begun = time.time()
    write()
    noted = page.evaluate("() => globalThis.noted")
    assert noted is not None, f"{page.url}: no {text!r} within {ACTION_MILLISECONDS / 1000:.0f} s"
    return float(noted) / 1000 - begun
