import { afterEach, expect, test, vi } from "vitest";
import { NoAnswer, Refusal } from "../../src/api/client.ts";
import { mayRetry } from "../../src/state/query-client.ts";

afterEach(() => vi.unstubAllGlobals());

function network(onLine: boolean): void {
  vi.stubGlobal("navigator", { onLine });
}

test("what got no answer is asked for again, twice", () => {
  network(true);
  expect([0, 1, 2].map((count) => mayRetry(count, new NoAnswer("no answer within 10 s")))).toEqual([
    true,
    true,
    false,
  ]);
});

test("a refusal stays one", () => {
  network(true);
  expect(mayRetry(0, new Refusal(404, "", "not here"))).toBe(false);
});

test("without a network the screen need not wait to say so", () => {
  network(false);
  expect(mayRetry(0, new NoAnswer("no answer within 10 s"))).toBe(false);
});
