import { expect, test } from "vitest";
import { NoAnswer, Refusal, sessionEnded } from "../../src/api/client.ts";
import { hides } from "../../src/state/query-client.ts";

test("what was seen before stays while howmuch does not answer", () => {
  expect(hides(new NoAnswer("no answer"), { name: "Lisbon" })).toBe(false);
  expect(hides(null, { name: "Lisbon" })).toBe(false);
});

test("nothing stays of an event that the user may no longer see, or after the session", () => {
  for (const error of [new Refusal(404, "", ""), new Refusal(403, "", ""), sessionEnded()]) {
    expect(hides(error, { name: "Lisbon" })).toBe(true);
  }
});

test("where nothing was seen, the error is shown; without one, it is under way", () => {
  expect(hides(new NoAnswer("no answer"), undefined)).toBe(true);
  expect(hides(null, undefined)).toBe(false);
});
