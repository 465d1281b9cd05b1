/** When to try again: later each time, until a try succeeds. */

const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

export class Retries {
  private ms = FIRST_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly retry: () => void) {}

  /** The time until the next try, after another one has failed. */
  next(): number {
    const { ms } = this;
    this.ms = Math.min(ms * 2, LONGEST_MS);
    return ms;
  }

  succeeded(): void {
    this.ms = FIRST_MS;
  }

  /** Tries again after this time, and not at the time planned before. Infinite: not by itself. */
  after(ms: number): void {
    this.stop();
    if (ms !== Infinity) {
      this.timer = setTimeout(this.retry, ms);
    }
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
