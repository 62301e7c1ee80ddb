import type { DataQueue } from "../../gmp/incoming.ts";
import type { InputSource } from "../wasi/mod.ts";

/** Standard input out of the DATA that comes with a run: what is there now, or a promise of it. */
export function queueInput(queue: DataQueue): InputSource {
  let rest = new Uint8Array(0);
  const takeNow = (length: number): Uint8Array | undefined => {
    if (rest.length === 0) rest = (queue.take() ?? rest) as Uint8Array<ArrayBuffer>;
    if (rest.length === 0) return queue.ended ? rest : undefined;
    const taken = rest.subarray(0, length);
    rest = rest.subarray(length);
    return taken;
  };
  return {
    read: (length) => takeNow(length) ?? queue.ready().then(() => takeNow(length) ?? rest),
    available: () => {
      if (rest.length + queue.size > 0) return rest.length + queue.size;
      return queue.ended ? 0 : undefined;
    },
    wait: () => queue.ready(),
  };
}
