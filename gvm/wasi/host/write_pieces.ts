import type { OutputSink } from "./streams.ts";
import type { Waits } from "./waits.ts";

/** Writes `pieces` to a standard stream until the guest has to wait, and then returns a promise of the rest. */
export function writePieces(
  sink: OutputSink,
  pieces: Iterator<Uint8Array, void>,
  waits: Waits,
): void | Promise<void> {
  for (let next = pieces.next(); !next.done; next = pieces.next()) {
    const asked = sink.write(next.value);
    const pause = asked === undefined ? undefined : waits.pause(asked);
    if (pause !== undefined) return writeRest(sink, pieces, waits, pause);
  }
}

async function writeRest(
  sink: OutputSink,
  pieces: Iterator<Uint8Array, void>,
  waits: Waits,
  pause: Promise<void>,
): Promise<void> {
  await pause;
  for (let next = pieces.next(); !next.done; next = pieces.next()) {
    const asked = sink.write(next.value);
    if (asked !== undefined) await waits.pause(asked);
  }
}
