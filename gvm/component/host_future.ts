import { type Buffer, CopyResult, type Shared } from "./copy_ends.ts";

/**
 * A future of the host that is settled by what the guest does, such as the end of a stream: a guest that only waits for it waits
 * for itself, and nothing of the host's is under way.
 */
export class HostFuture {
  #settled: { readonly value: unknown } | undefined;
  #send: ((value: unknown) => void) | undefined;

  /** Settles it, once: the next times nothing happens. Called within the guest's turn. */
  settle(value: unknown): void {
    if (this.#settled !== undefined) return;
    this.#settled = { value };
    this.#send?.(value);
  }

  /** Sends the value by `shared` when there is one. */
  sendBy(shared: Shared): void {
    let isOver = false;
    shared.dropped = () => isOver = true;
    const send = (value: unknown) => {
      if (isOver) return;
      shared.copy({
        instance: undefined,
        isRead: false,
        buffer: new Value(value),
        copied: () => {},
        done: (result) => isOver ||= result === CopyResult.DROPPED,
      });
    };
    if (this.#settled === undefined) this.#send = send;
    else send(this.#settled.value);
  }
}

/** The value of a future, to be read once. */
class Value implements Buffer {
  readonly length = 1;
  remaining = 1;

  constructor(readonly value: unknown) {}

  read(): unknown {
    this.remaining = 0;
    return [this.value];
  }

  write(): void {
    throw new Error("What the host sends is written to");
  }
}
