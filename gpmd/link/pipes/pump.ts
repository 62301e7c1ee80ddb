import type { EndReceiver, PipeEnd } from "./pipe_end.ts";

/**
 * Joins two ends: what comes out of one goes into the other, until both have closed, which is when it resolves. Nothing
 * is read that cannot be written; an end of one direction is passed on, and one that breaks ends both.
 */
export async function pump(one: PipeEnd, other: PipeEnd): Promise<void> {
  const state = { endings: 0 };
  const both = Promise.all([forward(one, other, state), forward(other, one, state)]);
  one.resume();
  other.resume();
  await both;
}

/** Passes on what comes out of `from`; resolves when it has closed. `state.endings` counts directions that ended well. */
function forward(from: PipeEnd, to: PipeEnd, state: { endings: number }): Promise<void> {
  return new Promise((resolve) => {
    const receiver: EndReceiver = {
      bytes: (chunk) => {
        if (!to.send(chunk)) from.pause();
      },
      ended: () => {
        state.endings++;
        to.end();
      },
      drained: () => to.resume(),
      closed: () => {
        // When both directions have ended, `to` closes by itself, after what it still has to send.
        if (state.endings < 2) to.abort();
        resolve();
      },
    };
    from.receive(receiver);
  });
}
