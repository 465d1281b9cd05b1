// Interceptors for a transport of Connect: the session token, and retries of calls that a restart cut off.
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import serviceConfig from "./gen/retry_policy.js";
import { wait } from "./waiting.js";

/**
 * Options of a transport of Node.js: a server that is frozen or cut off is left after 4.5 s, also in the middle of a
 * call, which `retries` then repeats. The values are those of the Python client.
 */
export const keepalive = { pingIntervalMs: 2000, pingTimeoutMs: 2500 };

/**
 * Calls in the name of the user whose session it is. A write that brings no idempotency key gets one of
 * its own, so that it may be repeated.
 *
 * @param token of the session, as LogIn answered it
 */
export function session(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    const reads = request.method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
    if (!reads && !request.header.has("idempotency-key")) {
      request.header.set("idempotency-key", crypto.randomUUID());
    }
    return next(request);
  };
}

/**
 * Repeats calls that ended with UNAVAILABLE, as the service config says that gRPC's own clients read:
 * those of its methods, so often, after such waits, and not while nothing works. Streams are the caller's
 * to resume. It goes after `session` in the list of interceptors, so that all repetitions have one key.
 */
export function retries(): Interceptor {
  const { maxTokens, tokenRatio } = serviceConfig.retryThrottling;
  let tokens = maxTokens;
  return (next) => async (request) => {
    const policy = policies.get(`${request.method.parent.typeName}/${request.method.name}`);
    if (policy === undefined || request.stream) {
      return next(request);
    }
    let longest = seconds(policy.initialBackoff);
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await next(request);
        tokens = Math.min(maxTokens, tokens + tokenRatio);
        return response;
      } catch (error) {
        if (ConnectError.from(error).code !== Code.Unavailable) {
          throw error;
        }
        tokens = Math.max(0, tokens - 1);
        if (attempt === policy.maxAttempts || tokens <= maxTokens / 2) {
          throw error;
        }
        // Random, so that the clients of a restarted server do not all come back at once.
        await wait(Math.random() * longest, request.signal);
        longest = Math.min(seconds(policy.maxBackoff), longest * policy.backoffMultiplier);
      }
    }
  };
}

const policies = new Map(
  serviceConfig.methodConfig.flatMap(({ name, retryPolicy }) =>
    name.map(({ service, method }) => [`${service}/${method}`, retryPolicy] as const),
  ),
);

/** The number of a duration such as `0.1s`. */
function seconds(duration: string): number {
  return Number.parseFloat(duration);
}
