import "fake-indexeddb/auto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { Outbox } from "../../src/outbox/outbox.ts";
import { indexedDbStore, type OutboxStore } from "../../src/outbox/store.ts";
import { ANA, comment, create, expense, FakeConnection, LISBON, refuses, update } from "./fake-connection.ts";

let database = 0;
let store: OutboxStore;
let connection: FakeConnection;
let outbox: Outbox;

beforeEach(async () => {
  store = indexedDbStore(`decisions-${database++}`);
  connection = new FakeConnection();
  connection.online = false;
  outbox = new Outbox(store, connection);
  await outbox.open(ANA);
});

async function backOnline(answer: FakeConnection["answer"]): Promise<void> {
  connection.online = true;
  connection.answer = answer;
  await outbox.pump();
}

describe("etags", () => {
  test("several changes of one expense follow each other", async () => {
    await outbox.add(LISBON, update("a", "v1"));
    await outbox.add(LISBON, update("b", "v1"));
    let version = 1;
    await backOnline(() => expense(`v${++version}`));
    expect(connection.calls.map(({ operation }) => operation)).toEqual([
      update("a", "v1"),
      update("b", "v2"),
    ]);
  });

  test("a change of an expense that was made without a network follows it", async () => {
    await outbox.add(LISBON, create());
    await outbox.add(LISBON, update("b"));
    await backOnline(() => expense("v1"));
    expect(connection.calls[1]?.operation).toEqual(update("b", "v1"));
  });

  test("another expense keeps its own", async () => {
    await outbox.add(LISBON, update("a", "v1"));
    await outbox.add(LISBON, update("b", "v1", "exp_2"));
    await backOnline(() => expense("v2"));
    expect(connection.calls[1]?.operation).toEqual(update("b", "v1", "exp_2"));
  });
});

describe("a refused write", () => {
  test("holds back later writes to its expense, and no others", async () => {
    await outbox.add(LISBON, create());
    await outbox.add(LISBON, update("b"));
    await outbox.add(LISBON, comment("c"));
    await outbox.add(LISBON, create("exp_2"));
    await backOnline(({ operation }) =>
      operation.expenseId === "exp_1" ? refuses(400, "AMOUNT_WRONG")() : expense("v1"),
    );
    expect(connection.calls.map(({ operation }) => operation)).toEqual([create(), create("exp_2")]);
    expect(outbox.current().map(({ refused }) => refused?.reason)).toEqual([
      "AMOUNT_WRONG",
      undefined,
      undefined,
    ]);
  });

  test("does not hold back a comment on an expense that the server has", async () => {
    await outbox.add(LISBON, update("a", "v1"));
    await outbox.add(LISBON, comment("c"));
    await backOnline(({ operation }) =>
      operation.kind === "update" ? refuses(409, "ETAG_STALE")() : expense("v1"),
    );
    expect(outbox.current().map(({ operation }) => operation.kind)).toEqual(["update"]);
  });

  test("is sent again as it is, with the key it had", async () => {
    await outbox.add(LISBON, create());
    await backOnline(refuses(400, "EVENT_ARCHIVED"));
    const [refused] = outbox.current();
    connection.answer = () => expense("v1");
    await outbox.retry(refused?.key ?? "");
    expect(outbox.current()).toEqual([]);
    expect(connection.calls[1]?.key).toBe(connection.calls[0]?.key);
  });

  test("is replaced with a new key, since the server knows the old one with other content", async () => {
    await outbox.add(LISBON, update("mine", "v1"));
    await outbox.add(LISBON, update("mine too", "v1"));
    await backOnline(refuses(409, "ETAG_STALE"));
    const [refused] = outbox.current();
    let version = 5;
    connection.answer = () => expense(`v${++version}`);
    await outbox.replace(refused?.key ?? "", LISBON, update("mine", "v5"));
    await vi.waitFor(async () => expect(await store.read()).toEqual([]));
    expect(connection.calls.slice(1).map(({ operation }) => operation)).toEqual([
      update("mine", "v5"),
      update("mine too", "v6"),
    ]);
    expect(connection.calls[1]?.key).not.toBe(connection.calls[0]?.key);
  });

  test("that is replaced in vain is kept as it was, and the form learns why", async () => {
    await outbox.add(LISBON, update("mine", "v1"));
    await backOnline(refuses(409, "ETAG_STALE"));
    const [refused] = outbox.current();
    connection.answer = refuses(400, "AMOUNT_WRONG");
    await expect(outbox.replace(refused?.key ?? "", LISBON, update("other", "v5"))).rejects.toThrow(
      "AMOUNT_WRONG",
    );
    expect(outbox.current()).toMatchObject([{ operation: update("other", "v5"), refused: { status: 400 } }]);
  });

  test("is corrected by the next change of its expense", async () => {
    await outbox.add(LISBON, create());
    await backOnline(refuses(400, "REASON_WRONG"));
    connection.answer = () => expense("v1");
    expect(await outbox.add(LISBON, update("Lunch"))).toEqual({ sent: expense("v1") });
    expect(connection.calls.at(-1)?.operation).toEqual({
      kind: "create",
      expenseId: "exp_1",
      expense: { reason: "Lunch", payments: [] },
    });
    expect(await store.read()).toEqual([]);
  });

  test("that conflicts is corrected with the etag of the next change", async () => {
    await outbox.add(LISBON, update("mine", "v1"));
    await backOnline(refuses(409, "ETAG_STALE"));
    connection.answer = () => expense("v6");
    await outbox.add(LISBON, update("ours", "v5"));
    expect(connection.calls.at(-1)?.operation).toEqual(update("ours", "v5"));
    expect(await store.read()).toEqual([]);
  });

  test("that is thrown away lets the next one go", async () => {
    await outbox.add(LISBON, update("a", "v1"));
    await outbox.add(LISBON, update("b", "v1"));
    await backOnline(({ operation }) =>
      JSON.stringify(operation).includes('"a"') ? refuses(400, "REASON_WRONG")() : expense("v2"),
    );
    await outbox.discard(outbox.current()[0]?.key ?? "");
    expect(connection.calls.at(-1)?.operation).toEqual(update("b", "v1"));
    expect(await store.read()).toEqual([]);
  });
});

test("a write that waits is not thrown away while it is under way", async () => {
  connection.online = true;
  let answer: () => void = () => undefined;
  connection.answer = () => new Promise((done) => (answer = () => done(expense("v1"))));
  const outcome = outbox.add(LISBON, create());
  await expect.poll(() => connection.calls.length).toBe(1);
  let discarded = false;
  const discard = outbox.discard(outbox.current()[0]?.key ?? "").then(() => (discarded = true));
  await store.read();
  expect(discarded).toBe(false);
  answer();
  await discard;
  expect(await outcome).toEqual({ sent: expense("v1") });
});
