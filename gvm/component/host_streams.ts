import { type Buffer, CopyResult, type Shared } from "./copy_ends.ts";

/** Elements as a list of them has them: of a `stream<u8>` bytes. */
type Elements = ArrayLike<unknown>;

/** Most elements that are received at once. */
const MAX_RECEIVED = 1 << 16;

/** Where the host has what a guest reads from a stream. */
export interface StreamSource {
  /** Whether {@linkcode read} need not wait, at the end too. */
  isReady(): boolean;
  /** Up to `most` elements, valid until the guest runs again; none at the end. Only called when it is ready. */
  read(most: number): Elements;
  /** Resolves when it may be ready. Rejects when the signal aborts. */
  wait(signal: AbortSignal): Promise<void>;
  /** Called once: at the end, or when the guest has dropped its end of the stream. */
  close(): void;
}

/** Where the host puts what a guest writes to a stream. */
export interface StreamSink {
  /** Takes elements; a promise asks the guest to wait before it sends more. What is thrown ends the stream. */
  write(elements: unknown): void | Promise<void>;
  /** Called once: at the end, or with what {@linkcode write} has thrown, which ends the guest if this throws too. */
  end(error?: unknown): void;
}

/** A stream of the host that is read as the guest asks for it, and no sooner. */
export class SourceStream {
  constructor(readonly source: StreamSource) {}
}

/** Sends what `source` has: its buffer is filled when the guest has room for it. */
export class SourceSender implements Buffer {
  readonly length = 1;
  remaining = 0;
  readonly #shared: Shared;
  readonly #source: StreamSource;
  #waits: AbortController | undefined;
  #staged: Elements = [];
  #atEnd = false;
  #isOver = false;
  readonly #offers = new Turns();

  /** Sends by `shared`, from now on. */
  constructor(shared: Shared, source: StreamSource) {
    this.#shared = shared;
    this.#source = source;
    shared.dropped = () => this.#close();
    this.#offer();
  }

  prepare(most: number): void {
    if (this.#isOver || !this.#source.isReady()) {
      this.remaining = 0;
    } else if (most === 0) {
      this.remaining = 1; // a read of nothing only wants to know
    } else {
      this.#staged = this.#source.read(most);
      this.remaining = this.#staged.length;
      this.#atEnd = this.remaining === 0;
    }
  }

  read(): unknown {
    const staged = this.#staged;
    this.#staged = [];
    return staged;
  }

  write(): void {
    throw new Error("What the host sends is written to");
  }

  #offer(): void {
    this.#offers.run(() =>
      this.#shared.copy({
        instance: undefined,
        isRead: false,
        buffer: this,
        copied: () => {}, // it stays until nothing is ready
        done: (result) => this.#done(result),
      })
    );
  }

  /** A reader waits for more than was ready, or there is none any more. */
  #done(result: number): void {
    if (result === CopyResult.DROPPED) return this.#close();
    if (this.#isOver) return;
    if (this.#atEnd) return this.#shared.drop();
    if (this.#source.isReady()) return this.#offer();
    const { signal } = this.#waits ??= new AbortController();
    const ready = this.#source.wait(signal).catch((error) => {
      if (!signal.aborted) throw error;
    });
    this.#shared.scheduler.host.call(ready, () => {
      if (!this.#isOver) this.#offer();
    });
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waits?.abort();
    this.#source.close();
  }
}

/** Receives what a guest sends, within its own writes. */
export class SinkReceiver implements Buffer {
  readonly length = MAX_RECEIVED;
  remaining = MAX_RECEIVED;
  readonly #shared: Shared;
  readonly #sink: StreamSink;
  readonly #asks = new Turns();
  #received: unknown;
  #isOver = false;

  /** Receives by `shared`, from now on. */
  constructor(shared: Shared, sink: StreamSink) {
    this.#shared = shared;
    this.#sink = sink;
    this.#ask();
  }

  read(): unknown {
    throw new Error("What the host receives is read");
  }

  write(values: unknown, count: number): void {
    this.#received = values;
    this.remaining -= count;
  }

  #ask(): void {
    this.#asks.run(() => {
      this.remaining = MAX_RECEIVED;
      this.#shared.copy({
        instance: undefined,
        isRead: true,
        buffer: this,
        copied: (reclaim) => {
          reclaim();
          this.#take();
        },
        done: (result) => {
          if (result === CopyResult.DROPPED) this.#end();
          else this.#take();
        },
      });
    });
  }

  #take(): void {
    const received = this.#received;
    this.#received = undefined;
    try {
      const pause = received === undefined ? undefined : this.#sink.write(received);
      if (pause === undefined) return this.#ask();
      const over = pause.then(() => () => this.#ask(), (error) => () => this.#fail(error));
      this.#shared.scheduler.host.call(over, (next) => (next as () => void)());
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#shared.drop();
    this.#end(error);
  }

  #end(error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink.end(error);
  }
}

/** Repeats what asks to be repeated, by a loop: a stream may take thousands of turns at once. */
class Turns {
  #state: "none" | "one" | "another" = "none";

  /** Takes a turn; within one, the next follows it. */
  run(turn: () => void): void {
    if (this.#state !== "none") return void (this.#state = "another");
    do {
      this.#state = "one";
      turn();
    } while ((this.#state as string) === "another");
    this.#state = "none";
  }
}
