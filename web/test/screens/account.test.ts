import { describe, expect, it } from "vitest";
import { clientName, deviceCurrency } from "../../src/screens/account/device.ts";
import { nextOf, withNext } from "../../src/screens/account/next.ts";

const ORIGIN = "https://howmuch.example";
const asked = (next: string): string => nextOf(`?next=${encodeURIComponent(next)}`, ORIGIN);

describe("where a log-in leads", () => {
  it("keeps the path, the query and the part of the page", () => {
    expect(asked("/invitations/abc?as=mbr_1#who")).toBe("/invitations/abc?as=mbr_1#who");
  });

  it("is the first screen if nothing is asked for", () => {
    expect(nextOf("", ORIGIN)).toBe("/");
  });

  it.each([
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "evil.example",
    " //evil.example",
    "/..//evil.example",
  ])("never leaves the origin: %s", (next) => {
    expect(new URL(asked(next), ORIGIN).origin).toBe(ORIGIN);
  });

  it("survives its own address", () => {
    const address = withNext("/login", "/events/evt_1?tab=a&b=c");
    expect(nextOf(new URL(address, ORIGIN).search, ORIGIN)).toBe("/events/evt_1?tab=a&b=c");
  });
});

describe("the name of a session", () => {
  it.each([
    [
      "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
      "Chrome on Android",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
      "Safari on iPhone",
    ],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
      "Edge on Windows",
    ],
    ["something else", "Browser"],
  ])("is read from %s", (userAgent, name) => {
    expect(clientName(userAgent)).toBe(name);
  });
});

describe("the currency of a device", () => {
  it.each([
    ["fr-FR", "EUR"],
    ["en-GB", "GBP"],
    ["de-CH", "CHF"],
    ["ja", "JPY"],
    ["en-AQ", undefined],
    ["no locale!", undefined],
  ])("of %s is %s", (locale, currency) => {
    expect(deviceCurrency(locale)).toBe(currency);
  });
});
