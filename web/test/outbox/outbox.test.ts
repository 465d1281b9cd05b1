import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isSignedOut, Refusal } from "../../src/api/client.ts";
import type { Sent } from "../../src/outbox/operations.ts";
import { NotKept, Outbox } from "../../src/outbox/outbox.ts";
import { indexedDbStore, type OutboxStore } from "../../src/outbox/store.ts";
import {
  ANA,
  comment,
  create,
  expense,
  FakeConnection,
  later,
  LISBON,
  refuses,
  unreachable,
} from "./fake-connection.ts";

let database = 0;
let store: OutboxStore;
let connection: FakeConnection;
let outbox: Outbox;

beforeEach(async () => {
  // Not the immediates, by which fake-indexeddb answers.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  store = indexedDbStore(`outbox-${database++}`);
  connection = new FakeConnection();
  outbox = new Outbox(store, connection);
  await outbox.open(ANA);
});

afterEach(() => vi.useRealTimers());

/** The same outbox after the browser was closed and opened again. */
async function reopened(userId = ANA): Promise<Outbox> {
  const other = new Outbox(store, connection);
  await other.open(userId);
  return other;
}

describe("sending", () => {
  test("a write that is answered is kept no longer", async () => {
    expect(await outbox.add(LISBON, create())).toEqual({ sent: expense("v2") });
    expect(await store.read()).toEqual([]);
    expect(connection.told).toEqual([LISBON]);
  });

  test("a write that the server refuses at once is the form's again, and is not kept", async () => {
    connection.answer = refuses(400, "AMOUNT_WRONG");
    await expect(outbox.add(LISBON, create())).rejects.toThrow("AMOUNT_WRONG");
    expect(await store.read()).toEqual([]);
  });

  test("without a network, writes wait and are sent in their order, each with its own key", async () => {
    connection.online = false;
    expect(await outbox.add(LISBON, create())).toEqual({ waiting: true });
    expect(await outbox.add(LISBON, comment("first"))).toEqual({ waiting: true });
    expect(connection.calls).toEqual([]);
    connection.online = true;
    await outbox.pump();
    expect(connection.calls.map(({ operation }) => operation.kind)).toEqual(["create", "comment"]);
    expect(new Set(connection.calls.map(({ key }) => key)).size).toBe(2);
    expect(outbox.current()).toEqual([]);
  });

  test("the browser is asked to keep what waits, and only then", async () => {
    await outbox.add(LISBON, create());
    expect(connection.storageKept).toBe(0);
    connection.online = false;
    await outbox.add(LISBON, comment("first"));
    expect(connection.storageKept).toBeGreaterThan(0);
  });

  test("a server that is away is asked again later, with the same key", async () => {
    connection.answer = unreachable;
    expect(await outbox.add(LISBON, create())).toEqual({ waiting: true });
    connection.answer = () => expense("v1");
    vi.runAllTimers();
    await vi.waitFor(() => expect(outbox.current()).toEqual([]));
    expect(new Set(connection.calls.map(({ key }) => key)).size).toBe(1);
  });

  test("only one try is planned, however many writes wait", async () => {
    connection.answer = unreachable;
    await Promise.all([outbox.add(LISBON, create()), outbox.add(LISBON, comment("a")), outbox.pump()]);
    expect(vi.getTimerCount()).toBe(1);
  });

  test("a server that asks for patience gets it, and nothing is refused", async () => {
    connection.answer = refuses(429, "QUOTA_EXCEEDED", 60);
    expect(await outbox.add(LISBON, create())).toEqual({ waiting: true });
    expect(outbox.current().map(({ refused }) => refused)).toEqual([undefined]);
    connection.answer = () => expense("v1");
    vi.advanceTimersByTime(59_000);
    expect(connection.calls).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    await vi.waitFor(() => expect(outbox.current()).toEqual([]));
  });

  test("a quota without a time to wait is refused", async () => {
    connection.answer = refuses(429, "TOO_MANY_MEMBERS");
    await expect(outbox.add(LISBON, create())).rejects.toThrow("TOO_MANY_MEMBERS");
  });
});

describe("the form that made the write", () => {
  test("is told that it waits when the answer takes long, and the write goes on", async () => {
    const answer = later<Sent>();
    connection.answer = () => answer.promise;
    const outcome = outbox.add(LISBON, create());
    await vi.waitFor(() => expect(connection.calls).toHaveLength(1));
    vi.advanceTimersByTime(4000);
    expect(await outcome).toEqual({ waiting: true });
    answer.resolve(expense("v1"));
    await vi.waitFor(() => expect(outbox.current()).toEqual([]));
  });

  test("has closed when the refusal comes, so the write stays for a decision", async () => {
    const answer = later<Sent>();
    connection.answer = () => answer.promise.then(refuses(400, "AMOUNT_WRONG"));
    const outcome = outbox.add(LISBON, create());
    await vi.waitFor(() => expect(connection.calls).toHaveLength(1));
    vi.advanceTimersByTime(4000);
    await outcome;
    answer.resolve(expense("v1"));
    await vi.waitFor(() => expect(outbox.current()[0]?.refused?.reason).toBe("AMOUNT_WRONG"));
  });

  test("loses nothing when its patience ends while the refusal is being written down", async () => {
    const slow: OutboxStore = {
      ...store,
      change: async (make) => {
        const made = await store.change(make);
        if (connection.calls.length > 0) {
          vi.advanceTimersByTime(4000);
        }
        return made;
      },
    };
    outbox = new Outbox(slow, connection);
    await outbox.open(ANA);
    connection.answer = refuses(400, "AMOUNT_WRONG");
    // Either the form has it, or it is kept.
    const outcome = await outbox.add(LISBON, create()).catch((error: unknown) => error);
    expect([outcome instanceof Refusal, (await store.read()).length]).toEqual([true, 0]);
  });

  test("learns that nothing was kept if this device keeps nothing and there is no network", async () => {
    outbox = new Outbox(full(store), connection);
    await outbox.open(ANA);
    connection.answer = unreachable;
    await expect(outbox.add(LISBON, create())).rejects.toBeInstanceOf(NotKept);
    expect(outbox.current()).toEqual([]);
  });

  test("sends all the same if this device keeps nothing", async () => {
    outbox = new Outbox(full(store), connection);
    await outbox.open(ANA);
    expect(await outbox.add(LISBON, create())).toEqual({ sent: expense("v2") });
    connection.answer = refuses(400, "AMOUNT_WRONG");
    await expect(outbox.add(LISBON, create("exp_2"))).rejects.toThrow("AMOUNT_WRONG");
  });

  test("learns that nobody is logged in, and nothing was kept", async () => {
    const nobody = new Outbox(store, connection);
    const error: unknown = await nobody.add(LISBON, create()).catch((error: unknown) => error);
    expect(isSignedOut(error)).toBe(true);
    expect(await store.read()).toEqual([]);
  });

  test("learns that the session has ended if this device keeps nothing", async () => {
    outbox = new Outbox(full(store), connection);
    await outbox.open(ANA);
    connection.user = "usr_bo";
    const error: unknown = await outbox.add(LISBON, create()).catch((error: unknown) => error);
    expect(isSignedOut(error)).toBe(true);
    expect(connection.calls).toEqual([]);
  });

  test("learns of the answer even if the write cannot be removed afterwards, and it is sent once", async () => {
    let broken = false;
    const breaking: OutboxStore = {
      ...store,
      change: (make) => (broken ? Promise.reject(new Error("disk")) : store.change(make)),
    };
    outbox = new Outbox(breaking, connection);
    await outbox.open(ANA);
    connection.answer = () => {
      broken = true;
      return expense("v1");
    };
    expect(await outbox.add(LISBON, create())).toEqual({ sent: expense("v1") });
    broken = false;
    connection.answer = () => expense("v1");
    vi.runAllTimers();
    await vi.waitFor(async () => expect(await store.read()).toEqual([]));
    expect(new Set(connection.calls.map(({ key }) => key)).size).toBe(1);
  });
});

describe("a browser that was closed", () => {
  test("before the network was back: what waits is sent when it opens", async () => {
    connection.online = false;
    await outbox.add(LISBON, create());
    connection.online = true;
    const other = await reopened();
    expect(other.current()).toEqual([]);
    expect(connection.calls).toHaveLength(1);
  });

  test("while a write was under way: it is sent again with the same key", async () => {
    connection.answer = () => later<Sent>().promise;
    void outbox.add(LISBON, create());
    await vi.waitFor(() => expect(connection.calls).toHaveLength(1));
    connection.answer = () => expense("v1");
    vi.stubGlobal("navigator", {});
    await reopened();
    expect(connection.calls.map(({ key }) => key)).toEqual([
      connection.calls[0]?.key,
      connection.calls[0]?.key,
    ]);
    expect(await store.read()).toEqual([]);
    vi.unstubAllGlobals();
  });

  test("with a broken store: the app opens, and nothing is thrown", async () => {
    const broken = new Outbox(
      { read: () => Promise.reject(new Error("no")), change: store.change },
      connection,
    );
    await expect(broken.open(ANA)).resolves.toBeUndefined();
    expect(broken.current()).toEqual([]);
  });
});

describe("sessions", () => {
  test("one that has ended keeps what waits, says so once, and asks no more", async () => {
    connection.answer = refuses(401, "SESSION_INVALID");
    expect(await outbox.add(LISBON, create())).toEqual({ waiting: true });
    expect(connection.endedSessions).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
    expect(outbox.current()).toHaveLength(1);
    connection.answer = () => expense("v1");
    await outbox.open(ANA);
    expect(outbox.current()).toEqual([]);
  });

  test("of another user neither show nor send it, and it is there when its user comes back", async () => {
    connection.online = false;
    await outbox.add(LISBON, create());
    connection.online = true;
    connection.user = "usr_bo";
    await outbox.open("usr_bo");
    expect(outbox.current()).toEqual([]);
    expect(connection.calls).toEqual([]);
    connection.user = ANA;
    await outbox.open(ANA);
    expect(connection.calls).toHaveLength(1);
  });

  test("that another tab gave to another user send nothing of this one", async () => {
    connection.user = "usr_bo";
    expect(await outbox.add(LISBON, create())).toEqual({ waiting: true });
    expect(connection.calls).toEqual([]);
    expect(connection.endedSessions).toBe(1);
  });
});

/** A store that is full, or that the browser refuses. */
function full(readable: OutboxStore): OutboxStore {
  return { ...readable, change: () => Promise.reject(new Error("QuotaExceededError")) };
}
