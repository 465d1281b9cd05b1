// The REST API by fetch, typed by its OpenAPI document. Runs in browsers and in Node.js.
import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { components, paths } from "./gen/openapi.js";
import { wait } from "./waiting.js";

export type Schemas = components["schemas"];
export type Howmuch = Client<paths>;

const WAITS_SECONDS = [0.1, 0.3, 0.9, 2];

// A server that is frozen or cut off never answers. Streams count until their headers.
const TRY_SECONDS = 10;

// After a longer Retry-After, the caller decides about a retry.
const LONGEST_RETRY_AFTER_SECONDS = 10;

// Not retried, as in the retry policy of gRPC: a retry would fail because the address is taken, the link has been
// used, or the session has ended.
const SENT_ONCE = new Set([
  "POST /v1/users",
  "POST /v1/users:verifyEmail",
  "POST /v1/users:resetPassword",
  "DELETE /v1/sessions/current",
  "DELETE /v1/users/me",
  "POST /v1/users/me:delete",
]);

/** A rule that a field of a request breaks. field: a path such as `payments[0].amount`. */
export interface FieldViolation {
  field: string;
  description: string;
  reason: string;
}

/**
 * What the server refused. status: of HTTP. reason: a stable word such as ETAG_STALE; empty where it has none.
 * retryAfterSeconds: how long to wait before the next try; undefined where a retry makes no sense.
 * violations: of the fields of the request; empty if the error concerns none. metadata: facts beside the reason.
 */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
    readonly retryAfterSeconds?: number,
    readonly violations: readonly FieldViolation[] = [],
    readonly metadata: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/**
 * A server, as somebody calls it. Every write in a session that brings no idempotency key gets one of its
 * own, but for those that a repetition would not find as they were; reads, and writes that have a key, are
 * repeated where the connection broke, no answer began in time, or the answer is 503, not before the time that its
 * Retry-After names.
 *
 * @param baseUrl such as http://127.0.0.1:8080
 * @param token of a session; empty: nobody, who may sign up and log in
 * @param trySeconds how long each try may wait for the headers of its answer
 */
export function connect(baseUrl: string, token = "", trySeconds = TRY_SECONDS): Howmuch {
  const client = createClient<paths>({
    baseUrl,
    fetch: (request) => fetchWithRetries(request, trySeconds),
  });
  if (token) {
    client.use(session(token), repeatableWrites);
  }
  return client;
}

/**
 * A server, as the page of the same origin calls it, with the session in the cookie that LogIn sets by its field
 * `cookie`. Keys and retries are as those of `connect`.
 */
export function connectInBrowser(trySeconds = TRY_SECONDS): Howmuch {
  const client = createClient<paths>({
    baseUrl: "",
    fetch: (request) => fetchWithRetries(request, trySeconds),
  });
  client.use(repeatableWrites, {
    onRequest({ request }) {
      // Without it, the cookie does not count for a write. openapi-fetch sets it only for a body.
      if (request.method !== "GET") {
        request.headers.set("content-type", "application/json");
      }
      return request;
    },
  });
  return client;
}

/** The body of an answer. Throws Refusal where the answer is an error. */
export function body<T>(answer: { data?: T; error?: Schemas["Status"]; response: Response }): T {
  if (answer.error !== undefined) {
    const { details, message } = answer.error;
    const info = details.find((detail) => detail["@type"].endsWith("/google.rpc.ErrorInfo"));
    const { headers, status } = answer.response;
    const metadata = info?.["metadata"] as Record<string, string> | undefined;
    const reason = String(info?.["reason"] ?? "");
    throw new Refusal(status, reason, message, retryAfter(headers), violations(details), metadata);
  }
  return answer.data as T;
}

/** Every change after a revision, those that are there and then those to come. `break` ends the call. */
export async function* watch(
  client: Howmuch,
  eventId: string,
  sinceRevision: string,
): AsyncGenerator<Schemas["Change"]> {
  const answer = await client.GET("/v1/events/{eventId}:watch", {
    params: { path: { eventId }, query: { sinceRevision } },
    headers: { accept: "application/x-ndjson" },
    parseAs: "stream",
  });
  const reader = body(answer)!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const lines = (rest + part.value).split("\n");
      rest = lines.pop()!;
      // An empty line only keeps the connection alive.
      for (const line of lines.filter((line) => line !== "")) {
        const message = JSON.parse(line) as Schemas["Change"] & {
          error?: Schemas["Status"];
        };
        yield body({
          data: message,
          ...(message.error && { error: message.error }),
          response: answer.response,
        });
      }
    }
  } finally {
    await reader.cancel();
  }
}

function violations(details: Schemas["Status"]["details"]): FieldViolation[] {
  const found = details.find((detail) => detail["@type"].endsWith("/google.rpc.BadRequest"));
  return (found?.["fieldViolations"] as FieldViolation[] | undefined) ?? [];
}

function session(token: string): Middleware {
  return {
    onRequest({ request }) {
      request.headers.set("authorization", `Bearer ${token}`);
      return request;
    },
  };
}

const repeatableWrites: Middleware = {
  onRequest({ request, schemaPath }) {
    const repeatable = request.method !== "GET" && !SENT_ONCE.has(`${request.method} ${schemaPath}`);
    if (repeatable && !request.headers.has("idempotency-key")) {
      request.headers.set("idempotency-key", newKey());
    }
    return request;
  },
};

/** 128 random bits. Browsers have randomUUID only on pages of HTTPS and of this machine. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function fetchWithRetries(request: Request, trySeconds: number): Promise<Response> {
  const safe = request.method === "GET" || request.headers.has("idempotency-key");
  for (const longest of safe ? WAITS_SECONDS : []) {
    let atLeast = 0;
    try {
      // A request can be sent only once, so a copy is sent.
      const response = await fetchInTime(request.clone(), trySeconds);
      atLeast = retryAfter(response.headers) ?? 0;
      if (response.status !== 503 || atLeast > LONGEST_RETRY_AFTER_SECONDS) {
        return response;
      }
      await response.body?.cancel();
    } catch (error) {
      // fetch throws a TypeError if no response arrives.
      if (!(error instanceof TypeError || error instanceof NoAnswer)) {
        throw error;
      }
    }
    // Random, so that the clients of a restarted server do not all come back at once.
    await wait(atLeast + Math.random() * longest, request.signal);
  }
  // A request that cannot be repeated may take its time: a late answer is better than an unknown outcome.
  return safe ? fetchInTime(request, trySeconds) : fetch(request);
}

/** No answer began in time. */
export class NoAnswer extends Error {}

/** fetch, with a bound of the time until the headers of the answer. Throws NoAnswer. */
async function fetchInTime(request: Request, seconds: number): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new NoAnswer(`no answer within ${seconds} s`)), seconds * 1000);
  try {
    return await fetch(request, {
      signal: AbortSignal.any([request.signal, late.signal]),
    });
  } finally {
    clearTimeout(timer);
  }
}

/** The seconds of Retry-After; undefined where it has none. */
function retryAfter(headers: Headers): number | undefined {
  const seconds = Number.parseInt(headers.get("retry-after") ?? "", 10);
  return Number.isNaN(seconds) ? undefined : seconds;
}
