// Retried calls and their idempotency keys. Run by `npm test`, after the build.
import assert from "node:assert/strict";
import test from "node:test";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { EventService, UserService } from "howmuch-client";
import { retries, session } from "howmuch-client/grpc";
import { body, connect, NoAnswer, Refusal } from "howmuch-client/rest";

/** A service over gRPC whose first calls fail; keys: the idempotency key of every call. */
function unsteady(failures, code = Code.Unavailable) {
  const keys = [];
  const answer = (_, { requestHeader }) => {
    keys.push(requestHeader.get("idempotency-key"));
    if (keys.length <= failures) {
      throw new ConnectError("restarting", code);
    }
    return {};
  };
  const routes = (router) => {
    router.service(EventService, { createEvent: answer, getEvent: answer });
    router.service(UserService, { signUp: answer });
  };
  const interceptors = [session("t"), retries()];
  return { keys, transport: createRouterTransport(routes, { transport: { interceptors } }) };
}

test("a write over gRPC is repeated under one key", async () => {
  const { keys, transport } = unsteady(2);
  await createClient(EventService, transport).createEvent({});
  assert.equal(keys.length, 3);
  assert.match(keys[0], /./);
  assert.equal(new Set(keys).size, 1);
});

test("a key that is given is sent, and reads have none", async () => {
  const { keys, transport } = unsteady(0);
  const events = createClient(EventService, transport);
  await events.createEvent({}, { headers: { "idempotency-key": "k" } });
  await events.getEvent({});
  assert.deepEqual(keys, ["k", null]);
});

test("after five attempts the failure is the caller's", async () => {
  const { keys, transport } = unsteady(9);
  await assert.rejects(createClient(EventService, transport).getEvent({}), { code: Code.Unavailable });
  assert.equal(keys.length, 5);
});

test("what the policy leaves out is not repeated, nor is another failure", async () => {
  const left = unsteady(1);
  await assert.rejects(createClient(UserService, left.transport).signUp({}));
  assert.equal(left.keys.length, 1);
  const refused = unsteady(1, Code.Aborted);
  await assert.rejects(createClient(EventService, refused.transport).getEvent({}));
  assert.equal(refused.keys.length, 1);
});

test("a call that is given up is not repeated", async () => {
  const { keys, transport } = unsteady(9);
  const given = new AbortController();
  const call = createClient(EventService, transport).getEvent({}, { signal: given.signal });
  given.abort();
  await assert.rejects(call, { code: Code.Canceled });
  assert.ok(keys.length < 5);
});

test("where nothing works, nothing is repeated after a while", async () => {
  const { keys, transport } = unsteady(Infinity);
  const events = createClient(EventService, transport);
  await Promise.allSettled(Array.from({ length: 60 }, () => events.getEvent({})));
  assert.ok(keys.length <= 60 + 50, String(keys.length));
});

/** Answers of fetch, in turn; an error is thrown. requests: what was sent. */
function answers(context, ...given) {
  const requests = [];
  context.mock.method(globalThis, "fetch", async (request) => {
    requests.push(request);
    const next = given.shift();
    if (next instanceof Error) {
      throw next;
    }
    return next;
  });
  return requests;
}

test("a write over REST is repeated under one key, with its body", async (context) => {
  const requests = answers(
    context,
    new TypeError("fetch failed"),
    new Response("{}", { status: 503 }),
    Response.json({ id: "evt_1" }),
  );
  const made = await connect("http://server", "t").POST("/v1/events", { body: { name: "Rome" } });
  assert.equal(body(made).id, "evt_1");
  assert.equal(new Set(requests.map(({ headers }) => headers.get("idempotency-key"))).size, 1);
  assert.deepEqual(await requests[2].json(), { name: "Rome" });
});

test("a write over REST without a key is sent once, and a refusal is thrown", async (context) => {
  const status = { code: 14, message: "restarting", details: [] };
  const requests = answers(context, Response.json(status, { status: 503 }));
  const refused = await connect("http://server").POST("/v1/users", {
    body: { email: "ana@example.com", password: "correct horse", name: "Ana" },
  });
  assert.throws(() => body(refused), (error) => error instanceof Refusal && error.status === 503);
  assert.equal(requests.length, 1);
});

test("the end of a session over REST is sent once", async (context) => {
  const requests = answers(context, new TypeError("fetch failed"));
  await assert.rejects(connect("http://server", "t").DELETE("/v1/sessions/current"), TypeError);
  assert.equal(requests.length, 1);
});

/** Makes waits pass at once; they are kept, in milliseconds. */
function waits(context) {
  const kept = [];
  context.mock.method(globalThis, "setTimeout", (done, milliseconds) => {
    kept.push(milliseconds);
    queueMicrotask(done);
  });
  return kept;
}

test("no request is repeated before the time of Retry-After", async (context) => {
  const kept = waits(context);
  const busy = () => new Response("{}", { status: 503, headers: { "retry-after": "3" } });
  const requests = answers(context, busy(), busy(), Response.json({ events: [] }));
  body(await connect("http://server", "t").GET("/v1/events"));
  assert.equal(requests.length, 3);
  assert.ok(kept.every((milliseconds) => milliseconds >= 3000), String(kept));
});

test("a refusal says how long to wait, and is not repeated", async (context) => {
  const status = { code: 8, message: "too often", details: [] };
  const refusal = Response.json(status, { status: 429, headers: { "retry-after": "40" } });
  const requests = answers(context, refusal);
  const refused = await connect("http://server", "t").GET("/v1/events");
  assert.throws(() => body(refused), (error) => error.retryAfterSeconds === 40);
  assert.equal(requests.length, 1);
});

test("a server that does not answer in time is tried again", async (context) => {
  let tries = 0;
  context.mock.method(globalThis, "fetch", (request, { signal }) => {
    tries += 1;
    if (tries > 1) {
      return Promise.resolve(Response.json({ events: [] }));
    }
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  body(await connect("http://server", "t", 0.01).GET("/v1/events"));
  assert.equal(tries, 2);
});

test("a server that never answers is given up, and a caller who leaves ends the try", async (context) => {
  const frozen = (request, { signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  context.mock.method(globalThis, "fetch", frozen);
  await assert.rejects(connect("http://server", "t", 0.01).GET("/v1/events"), NoAnswer);
  const left = new AbortController();
  const call = connect("http://server", "t").GET("/v1/events", { signal: left.signal });
  setTimeout(() => left.abort(), 10);
  await assert.rejects(call, { name: "AbortError" });
});
