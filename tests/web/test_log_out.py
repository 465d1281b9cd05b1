"""After a log-out, the device has nothing of the user."""

from playwright.sync_api import expect

from tests.web.app import App
from tests.web.hands import Hands
from tests.web.windows import Window

STORED = """async () => {
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done, failed) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => done(opening.result);
      opening.onerror = () => failed(opening.error);
    });
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store).getAll();
      found.push(...(await new Promise((done) => { all.onsuccess = () => done(all.result); })));
    }
    database.close();
  }
  return JSON.stringify([found, { ...localStorage }, { ...sessionStorage }]);
}"""


def test_log_out_leaves_nothing_on_the_device(app: App, phone: Window) -> None:
    """Neither an event, nor an address, nor what was typed; before, the event is there for times offline."""
    ana = app.person("Ana")
    trip = ana.trip("Lisbon", expenses=3)
    phone.log_in(ana)
    hands = Hands(phone)
    hands.open_event(trip.path)
    hands.page.wait_for_function(f"async () => (await ({STORED})()).includes('Lisbon')")
    hands.open("/settings")
    hands.button("Log out on this device").click()
    expect(hands.link("Log in")).to_be_visible()
    stored = hands.page.evaluate(STORED)
    for word in ("Lisbon", ana.email, trip.id):
        assert word not in stored
    assert not [each for each in phone.context.cookies() if each["value"]]
