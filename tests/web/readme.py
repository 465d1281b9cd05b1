"""`python -m tests.web.readme`: the pictures of the web app in docs/images. Look at them before a commit.

The phone shows a story of three friends, as an animation; the desktop shows a trip.
"""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from tests.web.app import App
from tests.web.hands import Hands
from tests.web.people import Trip
from tests.web.served import served
from tests.web.windows import ROOT, Look, Window, window

IMAGES = ROOT / "docs" / "images"
FRAME_MS = 1300
WIDTH = 390
TRIP = (
    ("Train to Sintra", "13.80", "Cy", "transport"),
    ("Apartment", "420.00", "Ana", "accommodation"),
    ("Groceries", "37.45", "Bo", "groceries"),
    ("Museum", "30.00", "Ana", "entertainment"),
    ("Tram 28", "9.30", "Cy", "transport"),
    ("Pastéis de Belém", "12.60", "Bo", "food"),
)


class Story:
    """Frames of what the phone shows."""

    def __init__(self, opened: Window) -> None:
        self._window = opened
        self._frames: list[Image.Image] = []

    def frame(self) -> None:
        """Adds what the phone shows now."""
        whole = Image.open(io.BytesIO(self._window.page.screenshot(animations="disabled")))
        image = whole.convert("RGB").resize((WIDTH, whole.height * WIDTH // whole.width))
        self._frames.append(image)

    def save(self, path: Path) -> None:
        first, *rest = self._frames
        first.save(
            path, save_all=True, append_images=rest, duration=FRAME_MS, loop=0, quality=80, method=6
        )


def main() -> None:
    """Writes web-story.webp and web-desktop.webp."""
    with served() as (app, browser):
        trip = friends(app)
        with window(browser, app.origin, Look()) as phone:
            phone.log_in(trip.owner)
            tell(Hands(phone), trip, Story(phone))
        with window(browser, app.origin, Look("desktop")) as desktop:
            desktop.log_in(trip.owner)
            hands = Hands(desktop)
            hands.open_event(trip.path)
            hands.open(f"{trip.path}/balances")
            expect(hands.page.get_by_role("table").first).to_be_visible()
            image = Image.open(io.BytesIO(desktop.page.screenshot(animations="disabled")))
            image.save(IMAGES / "web-desktop.webp", quality=85, method=6)


def friends(app: App) -> Trip:
    """Ana, Bo and Cy in Lisbon."""
    ana, bo, cy = (app.person(name, verified=True) for name in ("Ana", "Bo", "Cy"))
    trip = ana.trip("Lisbon", guests=())
    trip.join(bo)
    trip.join(cy)
    for day, (reason, amount, payer, category) in enumerate(TRIP, 18):
        trip.spend(reason, amount, payer=payer, date=f"2026-11-{day}", category=category)
    return trip


def tell(hands: Hands, trip: Trip, story: Story) -> None:
    """Dinner is added, the balances follow, a friend pays."""
    hands.open("/")
    expect(hands.page.get_by_role("link", name="Lisbon").first).to_be_visible()
    story.frame()
    hands.open_event(trip.path)
    expect(hands.row("Museum")).to_be_visible()
    story.frame()
    hands.link("Add an expense").click()
    hands.field("Amount").fill("48.60")
    story.frame()
    hands.field("What for").fill("Dinner")
    hands.page.get_by_role("heading").first.click()
    story.frame()
    hands.button("Save").click()
    expect(hands.row("Dinner")).to_be_visible()
    story.frame()
    hands.open(f"{trip.path}/balances")
    mark = hands.page.get_by_role("button", name="Mark as paid").first
    expect(mark).to_be_visible()
    story.frame()
    mark.click()
    expect(hands.page.get_by_role("button", name="Undo").first).to_be_visible()
    story.frame()
    hands.open(f"{trip.path}/activity")
    expect(hands.page.get_by_text("Dinner").first).to_be_visible()
    story.frame()
    story.save(IMAGES / "web-story.webp")


if __name__ == "__main__":
    main()
