import { GhostError } from "../../gmp/errors.ts";
import type { Misfit } from "../../gmp/types/misfit.ts";
import type { CanonicalContext } from "./canonical_context.ts";
import { codecOf } from "./codec.ts";
import { type ComponentInstance, MAX_LIFTED_BYTES } from "./component_instance.ts";
import { type Elements, elementsOf } from "./list_codecs.ts";
import { HostReader } from "./host_ends.ts";
import { SinkReceiver, type StreamSink } from "./host_streams.ts";
import type { HostCall } from "./host_call.ts";
import type { Scheduler } from "./scheduler.ts";
import { ofHost, trap, UnfitValue } from "./trap.ts";
import type { Type } from "./types.ts";
import { Waitable } from "./waitable.ts";

/** What a copy has come to (Canonical ABI, `CopyResult`). */
export const CopyResult = { COMPLETED: 0, DROPPED: 1, CANCELLED: 2 } as const;

/** Most elements of one copy. */
const MAX_LENGTH = 2 ** 28 - 1;

/** Elements that are read, or room for such that are written (Canonical ABI, "Buffer State"). */
export interface Buffer {
  /** How many there were in the beginning. */
  readonly length: number;
  /** How many are left. */
  readonly remaining: number;
  /** Told how many will be read, if it only then knows how many there are. */
  prepare?(most: number): void;
  read(count: number): unknown;
  write(values: unknown, count: number): void;
}

/** Such in a guest's memory. */
export class GuestBuffer implements Buffer {
  progress = 0;
  readonly #cx: CanonicalContext;
  readonly #elements: Elements | undefined;
  #pointer: number;

  constructor(cx: CanonicalContext, type: Type | null, pointer: number, readonly length: number) {
    this.#cx = cx;
    this.#pointer = pointer;
    this.#elements = type === null ? undefined : elementsOf(type.kind, codecOf(type));
    if (length > MAX_LENGTH) trap("buffer length is too large");
    if (this.#elements === undefined || length === 0) return;
    const { size, alignment } = this.#elements;
    cx.begin();
    if ((pointer & (alignment - 1)) !== 0) trap("unaligned pointer");
    if (pointer + length * size > cx.bytes.length) trap("pointer out of bounds of memory");
  }

  get remaining(): number {
    return this.length - this.progress;
  }

  read(count: number): unknown {
    const elements = this.#elements;
    const cx = this.#cx;
    this.progress += count;
    if (elements === undefined) return undefined;
    cx.begin();
    cx.instance.store.charge(count * elements.weight);
    const values = elements.load(cx, this.#pointer, count);
    this.#pointer += count * elements.size;
    return values;
  }

  write(values: unknown, count: number): void {
    const elements = this.#elements;
    const cx = this.#cx;
    this.progress += count;
    if (elements === undefined) return;
    cx.begin();
    elements.store(cx, values, this.#pointer, count);
    this.#pointer += count * elements.size;
  }
}

/** A read or a write that waits for the other end. */
interface Pending {
  /** Whose it is; `undefined` for the host. */
  readonly instance: ComponentInstance | undefined;
  /** The call of the host in which it got its end. */
  readonly call?: HostCall | undefined;
  readonly end?: CopyEnd;
  readonly buffer: Buffer;
  readonly isRead: boolean;
  /** Some has been copied; the pending one may go on until its buffer is taken back. */
  copied(reclaim: () => void): void;
  done(result: number): void;
}

/** What both ends of a stream or a future share (Canonical ABI, "Stream State", "Future State"). */
export class Shared {
  /** Told, once, that one end is dropped. */
  dropped: () => void = () => {};
  #dropped = false;
  #pending: Pending | undefined;

  constructor(
    readonly kind: "stream" | "future",
    readonly type: Type | null,
    readonly scheduler: Scheduler,
  ) {}

  /** What a guest sends, to be read by the host: elements as a list has them, as many as there are. */
  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return new HostReader(this);
  }

  /** Has `sink` receive what a guest sends. */
  receive(sink: StreamSink): void {
    new SinkReceiver(this, sink);
  }

  /** Ends the read or write of `end`, if it is still under way. */
  cancel(end: CopyEnd): void {
    if (this.#pending?.end === end) this.#end(CopyResult.CANCELLED);
  }

  drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    if (this.#pending !== undefined) this.#end(CopyResult.DROPPED);
    this.dropped();
  }

  copy(now: Pending): void {
    const pending = this.#pending;
    if (this.#dropped) return now.done(CopyResult.DROPPED);
    if (pending === undefined) {
      this.#pending = now;
      return;
    }
    const isOne = now.instance !== undefined && now.instance === pending.instance;
    if (isOne && !isNumberOrNone(this.type)) {
      trap("cannot read from and write to intra-component stream or future of a non-numeric type");
    }
    now.buffer.prepare?.(pending.buffer.remaining);
    pending.buffer.prepare?.(now.buffer.remaining);
    if (this.kind === "future") {
      transfer(now, pending, 1);
      this.#end(CopyResult.COMPLETED);
      return now.done(CopyResult.COMPLETED);
    }
    if (pending.buffer.remaining > 0) {
      const count = Math.min(now.buffer.remaining, pending.buffer.remaining);
      if (count > 0) {
        transfer(now, pending, count);
        pending.copied(() => this.#pending = undefined);
      }
      return now.done(CopyResult.COMPLETED);
    }
    const hasNone = now.buffer.prepare !== undefined && now.buffer.remaining === 0;
    if (hasNone || !now.isRead && now.buffer.length === 0 && pending.buffer.length === 0) {
      return now.done(CopyResult.COMPLETED);
    }
    this.#pending = now;
    pending.done(CopyResult.COMPLETED);
  }

  #end(result: number): void {
    const pending = this.#pending!;
    this.#pending = undefined;
    pending.done(result);
  }
}

function transfer(now: Pending, pending: Pending, count: number): void {
  const [to, from] = now.isRead ? [now, pending] : [pending, now];
  const store = (now.instance ?? pending.instance)?.store;
  if (store === undefined) return to.buffer.write(from.buffer.read(count), count);
  const { left, passing } = store;
  // Whatever has passed before: what passes now is bounded by itself.
  store.left = MAX_LIFTED_BYTES;
  store.passing = now.call ?? pending.call;
  try {
    to.buffer.write(from.buffer.read(count), count);
  } catch (error) {
    throw from.call !== undefined && error instanceof UnfitValue ? unfitElement(error) : ofHost(error);
  } finally {
    store.left = left;
    store.passing = passing;
  }
}

/** The error for what a program sends that is not of the type. */
export function unfitElement({ expected, path }: UnfitValue | Misfit): GhostError {
  return new GhostError("BAD_ARGUMENTS", `Cannot pass what is in a stream or future: it is not ${expected}`, {
    details: { expected, path: [...path] },
  });
}

function isNumberOrNone(type: Type | null): boolean {
  return type === null || /^(?:[suf]\d+)$/.test(type.kind);
}

/** One end of a stream or a future, in the table of an instance. */
export class CopyEnd extends Waitable {
  state: "idle" | "copying" | "cancelling" | "done" = "idle";

  constructor(readonly shared: Shared, readonly isReadable: boolean) {
    super();
  }

  get isCopying(): boolean {
    return this.state === "copying" || this.state === "cancelling";
  }

  override drop(): void {
    const { shared, isReadable } = this;
    if (this.isCopying) trap(`cannot drop busy ${shared.kind}`);
    if (shared.kind === "future" && !isReadable && this.state !== "done") {
      trap("cannot drop future write end without first writing a value");
    }
    shared.drop();
    super.drop();
  }
}

/** A message that explains an error, in the table of an instance. */
export class ErrorContext {
  constructor(readonly message: string) {}
}
