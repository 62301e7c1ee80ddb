import { Flag } from "../../gmp/frames/frame.ts";
import type { IncomingRequest } from "../../gmp/channel/incoming.ts";
import type { OutputStream, TakeOutput } from "../engine/output.ts";

/** Milliseconds after which a run that writes without end lets the others have their turn, and whoever cancels it. */
const TURN_TIME = 8;

/** The bit of DATA for a stream. */
export function flagOf(stream: OutputStream): number {
  return stream === "stdout" ? Flag.STDOUT : Flag.STDERR;
}

/** Takes what a run writes, and sends it to whoever asked for the run. */
export function runOutput({ channel, send }: IncomingRequest): TakeOutput {
  const { outbox } = channel;
  let turn = performance.now();
  const pause = async (): Promise<void> => {
    await outbox.taken();
    if (performance.now() - turn <= TURN_TIME) return;
    // A write that the system takes at once is over without a turn of the event loop, and sockets are looked at when there is
    // nothing else to do, which only a timer brings about: a cancellation came 60 to 100 ms late, and now 2 to 8.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    turn = performance.now();
  };
  return (bytes, stream) => {
    // What is written leaves at once, however long the guest keeps the thread afterwards; where a write is still under way,
    // the guest waits for that.
    const underWay = outbox.size > 0;
    send(bytes, flagOf(stream));
    outbox.flush();
    return underWay ? pause() : undefined;
  };
}
