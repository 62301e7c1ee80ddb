/** Milliseconds for which reading or validating may block the thread at a time. */
const TURN_TIME = 4;

/** Work that stops now and then, so that others may have their turn. */
export type Steps<T> = Generator<void, T, void>;

/** Does all of the work at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Does the work, but lets the event loop run every few milliseconds. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (let began = performance.now();;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - began < TURN_TIME) continue;
    await new Promise((resolve) => setTimeout(resolve));
    began = performance.now();
  }
}
