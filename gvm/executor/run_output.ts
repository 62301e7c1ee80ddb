import { Flag } from "../../gmp/frames/frame.ts";
import type { IncomingRequest } from "../../gmp/channel/incoming.ts";
import type { OutputStream, TakeOutput } from "../engine/output.ts";

/**
 * Milliseconds after which an endlessly writing run lets others have their turn, so that it can be cancelled.
 */
const TURN_TIME = 8;

/** The bit of DATA for a stream. */
export function flagOf(stream: OutputStream): number {
  return stream === "stdout" ? Flag.STDOUT : Flag.STDERR;
}

/** Sends a run's output to whoever asked for the run. */
export function runOutput({ channel, send }: IncomingRequest): TakeOutput {
  const { outbox } = channel;
  let turn = performance.now();
  const pause = async (): Promise<void> => {
    await outbox.taken();
    if (performance.now() - turn <= TURN_TIME) return;
    // A write that the system accepts at once ends without a turn of the event loop, and sockets are polled
    // only when there is nothing else to do, which only a timer brings about: without it a cancellation comes
    // 60 to 100 ms late, with it 2 to 8.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    turn = performance.now();
  };
  return (bytes, stream) => {
    // Output leaves at once, however long the guest keeps the thread afterwards; if a write is still under
    // way, the guest waits for it.
    const underWay = outbox.size > 0;
    send(bytes, flagOf(stream));
    outbox.flush();
    return underWay ? pause() : undefined;
  };
}
