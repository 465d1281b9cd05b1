/** Runs one piece of work after the other. */
export type Alone = (work: () => Promise<void>) => Promise<void>;

/**
 * Among all tabs where the browser has locks, which it has on HTTPS and on this machine; else in this tab. Idempotency
 * keys guard the rest.
 */
export function oneAtATime(name: string): Alone {
  const { locks } = (globalThis.navigator as Partial<Navigator> | undefined) ?? {};
  if (locks) {
    return async (work) => {
      await locks.request(name, work);
    };
  }
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
