"""Windows of a browser: of a phone or a desktop, light or dark, in a language, each with its own cookies."""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from playwright.sync_api import Browser, BrowserContext, Page

from tests.web.chromium import ACTION_MILLISECONDS, ARGUMENTS, program
from tests.web.complaints import Complaints
from tests.web.people import Person

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
Device = Literal["phone", "desktop"]
Colours = Literal["light", "dark"]
COLOURS: tuple[Colours, ...] = get_args(Colours)
Language = Literal["en", "fr"]
LOCALES = {"en": "en-GB", "fr": "fr-FR"}


@dataclass(frozen=True)
class Look:
    """What a window looks like. width: in CSS pixels; 0 means that of the device."""

    device: Device = "phone"
    colours: Colours = "light"
    language: Language = "en"
    width: int = 0
    reduced_motion: bool = False

    def __str__(self) -> str:
        """As in the names of tests and of directories."""
        return f"{self.language}-{self.colours}-{self.size[0]}"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in CSS pixels."""
        width, height = (390, 844) if self.device == "phone" else (1280, 800)
        return self.width or width, height

    def options(self, version: str) -> dict[str, Any]:
        """As Playwright takes them. version: of Chromium."""
        phone = self.device == "phone"
        system = "Linux; Android 10; K" if phone else "X11; Linux x86_64"
        mobile = " Mobile" if phone else ""
        return {
            "viewport": dict(zip(("width", "height"), self.size, strict=True)),
            "device_scale_factor": 2 if phone else 1,
            "is_mobile": phone,
            "has_touch": phone,
            "user_agent": f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) "
            f"Chrome/{version.split('.')[0]}.0.0.0{mobile} Safari/537.36",
            "color_scheme": self.colours,
            "reduced_motion": "reduce" if self.reduced_motion else "no-preference",
            "locale": LOCALES[self.language],
            "timezone_id": "Europe/Lisbon",
        }


LOOKS = [Look(*each) for each in itertools.product(get_args(Device), COLOURS, get_args(Language))]


class Window:
    """The browser of one person: its pages, and what went wrong in them. page: the first one."""

    def __init__(self, context: BrowserContext, look: Look, origin: str) -> None:
        self.context = context
        self.look = look
        self.complaints = Complaints(context, origin)
        self.page: Page = context.new_page()

    def log_in(self, person: Person) -> None:
        """With a session in a cookie, as the log-in screen does it."""
        answer = self.context.request.post(
            "/v1/sessions",
            data={"email": person.email, "password": person.password, "cookie": True},
            headers={"sec-fetch-site": "same-origin"},
        )
        assert answer.ok, answer.text()

    def expect(self, pattern: str) -> None:
        """Allow complaints that contain this regular expression. At least one has to come."""
        self.complaints.expect(pattern)

    @contextmanager
    def offline(self) -> Iterator[None]:
        """No network within the block."""
        self.context.set_offline(True)
        try:
            yield
        finally:
            self.context.set_offline(False)

    def screenshot(self, name: str) -> Path:
        """The whole page, as build/screenshots/LOOK/NAME.png."""
        path = SCREENSHOTS / str(self.look) / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=True, animations="disabled")
        return path

    def heard(self, pattern: str) -> bool:
        """Whether a complaint until now contains this regular expression. An empty one is always heard."""
        self.context.cookies()  # its answer comes after all events until now
        return re.search(pattern, "\n".join(self.complaints.heard)) is not None

    def check(self) -> None:
        """Nothing went wrong but what the test expects, and that did."""
        self.context.cookies()
        wrong, missed = self.complaints.unexpected(), self.complaints.missed()
        assert not wrong, "\n".join(wrong)
        assert not missed, f"expected, and did not come: {missed}"


@contextmanager
def kept_window(browser: Browser, origin: str, look: Look, profile: Path) -> Iterator[Window]:
    """A window of a browser of its own, which keeps in a directory what it has stored, as at home."""
    context = browser.browser_type.launch_persistent_context(
        profile,
        executable_path=program(),
        args=ARGUMENTS,
        base_url=origin,
        **look.options(browser.version),
    )
    with _checked(context, look, origin) as opened:
        yield opened


@contextmanager
def window(browser: Browser, origin: str, look: Look) -> Iterator[Window]:
    """A window that is checked when the block ends well. origin: of the app, as http://HOST:PORT."""
    context = browser.new_context(base_url=origin, **look.options(browser.version))
    with _checked(context, look, origin) as opened:
        yield opened


@contextmanager
def _checked(context: BrowserContext, look: Look, origin: str) -> Iterator[Window]:
    context.set_default_timeout(ACTION_MILLISECONDS)
    try:
        opened = Window(context, look, origin)
        yield opened
        opened.check()
    finally:
        context.close()
