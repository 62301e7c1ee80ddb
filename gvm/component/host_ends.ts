import { Misfit } from "../../gmp/types/misfit.ts";
import { type Buffer, CopyResult, type Shared, unfitElement } from "./copy_ends.ts";
import type { HostCall, HostEnd } from "./host_call.ts";
import {
  type ElementList,
  type ElementLists,
  elementLists,
  isNumeric,
  isPassed,
  type PassedStream,
} from "../../gmp/types/element_lists.ts";

/** Most numbers, and most other elements, that the host takes from a stream at once. */
const MAX_HOST_NUMBERS = 1 << 16;
const MAX_HOST_ELEMENTS = 1 << 8;

const NOTHING: ElementList = [];

/** Elements of the host that a guest reads. */
class Source implements Buffer {
  #taken = 0;

  constructor(readonly elements: ElementList) {}

  get length(): number {
    return this.elements.length;
  }

  get remaining(): number {
    return this.elements.length - this.#taken;
  }

  read(count: number): unknown {
    return this.elements.slice(this.#taken, this.#taken += count);
  }

  write(): void {
    throw new Error("What the host sends is written to");
  }
}

/** Room for what a guest sends. */
class Sink implements Buffer {
  /** What it has sent. */
  values: unknown;
  remaining: number;

  constructor(readonly length: number) {
    this.remaining = length;
  }

  read(): unknown {
    throw new Error("What the host receives is read");
  }

  write(values: unknown, count: number): void {
    this.values = values ?? new Array(count).fill(undefined);
    this.remaining -= count;
  }
}

/** Sends to a guest what `source` yields: with `call` as a program has it, and otherwise lists of elements. */
export function sendAll(shared: Shared, source: object, call?: HostCall): void {
  const lists = call === undefined ? listsOf(source) : elementLists(source, shared.type?.kind);
  const sender = new Sender(shared, call, lists);
  // A host's own source is asked at once: one that is ended before it began would not say that it has.
  if (call === undefined) sender.next();
  else sender.ask();
}

function listsOf(source: object): ElementLists {
  const iterator = (source as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  return {
    async next() {
      const { done, value } = await iterator.next();
      return done ? undefined : value as ElementList;
    },
    cancel: () => void Promise.resolve(iterator.return?.()).catch(() => {}), // nobody is left to hear of it
  };
}

/** Sends to a guest what `source` resolves to: with `call` what a program passes for a future, a promise or the value itself. */
export function sendOne(shared: Shared, source: unknown, call?: HostCall): void {
  const lists = isPassed(source) ? source.lists() : undefined;
  const one: ElementLists = {
    next: async () => [await (lists === undefined ? source : firstOf(lists))],
    cancel: (reason) => lists?.cancel(reason),
  };
  // At once: nobody else may wait for a promise that fails before the guest reads.
  new Sender(shared, call, one).next();
}

async function firstOf(lists: ElementLists): Promise<unknown> {
  return (await lists.next())?.[0];
}

/** Sends to a guest what it asks for, of a future one element. */
class Sender implements HostEnd {
  readonly #shared: Shared;
  readonly #call: HostCall | undefined;
  readonly #source: ElementLists;
  #isOver = false;

  constructor(shared: Shared, call: HostCall | undefined, source: ElementLists) {
    this.#shared = shared;
    this.#call = call;
    this.#source = source;
    shared.scheduler.host.hold(this, call);
    shared.dropped = () => this.#end(true);
  }

  /** Waits until the guest reads. */
  ask(): void {
    this.#copy(new Source(NOTHING), () => this.next());
  }

  /** See {@linkcode HostEnd.fail}. */
  fail(reason: unknown): void {
    this.#call?.failing(reason);
    this.#end(true, reason);
  }

  /** Has the source's next elements sent. */
  next(): void {
    const { scheduler } = this.#shared;
    scheduler.host.call(
      this.#source.next(),
      (elements) => {
        if (this.#isOver) return;
        if (elements !== undefined) return this.#send(new Source(elements as ElementList));
        this.#end(false);
        this.#shared.drop();
      },
      (error) =>
        this.#isOver ? undefined : scheduler.abort(error instanceof Misfit ? unfitElement(error) : error),
    );
  }

  #send(buffer: Source): void {
    this.#call?.passed();
    const isOne = this.#shared.kind === "future";
    this.#copy(
      buffer,
      () => isOne ? this.#end(false) : buffer.remaining > 0 ? this.#send(buffer) : this.ask(),
    );
  }

  #copy(buffer: Source, next: () => void): void {
    let isOver = false;
    const goOn = (result: number): void => {
      if (isOver) return;
      isOver = true;
      if (result === CopyResult.DROPPED) this.#end(true);
      else next();
    };
    this.#shared.copy({
      instance: undefined,
      call: this.#call,
      isRead: false,
      buffer,
      copied(reclaim) {
        reclaim();
        goOn(CopyResult.COMPLETED);
      },
      done: goOn,
    });
  }

  #end(isCancelled: boolean, reason?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#shared.scheduler.host.release(this, this.#call);
    if (isCancelled) this.#source.cancel(reason);
  }
}

/** Reads what a guest sends, a future's only value as a list of one. */
export class HostReader implements AsyncIterator<unknown>, HostEnd {
  readonly #shared: Shared;
  readonly #call: HostCall | undefined;
  #isOver = false;
  #failure: { readonly reason: unknown } | undefined;
  /** The read under way. */
  #reading: PromiseWithResolvers<boolean> | undefined;

  /** A reader of `shared`, which the guest has given to the host, perhaps in `call`. */
  constructor(shared: Shared, call?: HostCall) {
    this.#shared = shared;
    this.#call = call;
    shared.scheduler.host.hold(this, call);
  }

  async next(): Promise<IteratorResult<unknown>> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.reason;
      if (this.#isOver) return { done: true, value: undefined };
      const buffer = new Sink(this.#most());
      const isEnd = !await this.#read(buffer) || this.#shared.kind === "future";
      if (isEnd) this.#end();
      if (buffer.values !== undefined) return { done: false, value: buffer.values };
    }
  }

  return(): Promise<IteratorResult<unknown>> {
    if (!this.#isOver) {
      this.#end();
      this.#shared.drop();
      this.#shared.scheduler.goOn();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  /** See {@linkcode HostEnd.fail}. */
  fail(reason: unknown): void {
    const error = this.#call === undefined ? reason : this.#call.errorOf(reason);
    this.#failure = { reason: error };
    this.#call?.failing(reason);
    this.#end();
    this.#reading?.reject(error);
  }

  #most(): number {
    const { kind, type } = this.#shared;
    if (kind === "future") return 1;
    return type === null || isNumeric(type.kind) ? MAX_HOST_NUMBERS : MAX_HOST_ELEMENTS;
  }

  /** Whether more may come. */
  async #read(buffer: Sink): Promise<boolean> {
    const { scheduler } = this.#shared;
    const reading = this.#reading = Promise.withResolvers<boolean>();
    reading.promise.catch(() => {});
    let isSettled = false;
    const settle = (hasMore: boolean): void => {
      isSettled = true;
      this.#call?.passed();
      reading.resolve(hasMore);
    };
    try {
      this.#shared.copy({
        instance: undefined,
        call: this.#call,
        isRead: true,
        buffer,
        copied(reclaim) {
          reclaim();
          settle(true);
        },
        done: (result) => settle(result === CopyResult.COMPLETED),
      });
    } catch (error) {
      scheduler.abort(error); // what the guest has sent cannot be read
    }
    // Whoever called the guest may have its result already, and nobody else has it go on.
    if (!scheduler.goOn() && !isSettled) await scheduler.drive(() => isSettled);
    try {
      return await reading.promise;
    } finally {
      this.#reading = undefined;
    }
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#shared.scheduler.host.release(this, this.#call);
  }
}

/** A stream or a future that a guest has given to the host in `call`, or has sent in one of these. */
export class GuestStream implements PassedStream {
  readonly #reader: HostReader;
  /** Which of the two. */
  readonly kind: "stream" | "future";

  constructor(shared: Shared, call: HostCall) {
    this.kind = shared.kind;
    this.#reader = new HostReader(shared, call);
  }

  /** See {@linkcode PassedStream.lists}. */
  lists(): ElementLists {
    const reader = this.#reader;
    return {
      async next() {
        const { done, value } = await reader.next();
        return done ? undefined : value as ElementList;
      },
      cancel: () => void reader.return(),
    };
  }
}
