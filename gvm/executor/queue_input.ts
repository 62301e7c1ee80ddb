import type { DataQueue } from "../../gmp/channel/incoming.ts";
import type { InputSource } from "../wasi/mod.ts";

/** Standard input from the DATA of a run; `isTerminal` if a person types it. */
export function queueInput(queue: DataQueue, isTerminal: boolean): InputSource {
  let rest: Uint8Array = new Uint8Array(0);
  return {
    isTerminal,
    readable: () => {
      const size = rest.length + queue.size;
      return size > 0 || queue.ended ? size : undefined;
    },
    read: (into) => {
      if (rest.length === 0) rest = queue.take() ?? rest;
      const taken = rest.subarray(0, into.length);
      into.set(taken);
      rest = rest.subarray(taken.length);
      return taken.length;
    },
    wait: (signal) => queue.ready(signal),
  };
}
