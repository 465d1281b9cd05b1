/** The forms that still wait to learn what became of their writes. */

import type { Outcome } from "./outbox.ts";

// After this time without an answer, a form need not stay open: the write is safe on this device.
const PATIENCE_MS = 4000;

/** keep: the write stays if it is refused, since it was kept before. */
interface Form {
  keep: boolean;
  done: (outcome: Outcome) => void;
  failed: (error: unknown) => void;
}

export class Forms {
  private readonly waiting = new Map<string, Form>();

  /** What became of the write with this key, or that it waits. */
  wait(key: string, keep: boolean): Promise<Outcome> {
    const outcome = new Promise<Outcome>((done, failed) => this.waiting.set(key, { keep, done, failed }));
    const timer = setTimeout(() => this.take(key)?.done({ waiting: true }), PATIENCE_MS);
    return outcome.finally(() => clearTimeout(timer));
  }

  /** The form of a write, which from now on waits no more. */
  take(key: string): Form | undefined {
    const form = this.waiting.get(key);
    this.waiting.delete(key);
    return form;
  }

  /** Who still waits learns this. */
  tellAll(outcome: Outcome): void {
    for (const key of [...this.waiting.keys()]) {
      this.take(key)?.done(outcome);
    }
  }
}
