import { Misfit } from "./misfit.ts";
import { isDetached, typedArrayOf } from "./typed_arrays.ts";

/** Some elements of a stream, one after the other; of numbers a typed array, or an array. */
export type ElementList = ArrayLike<unknown> & { slice(start: number, end: number): ElementList };

/** The elements of a stream as they pass: list by list. */
export interface ElementLists {
  /** The next list; `undefined` at the end. */
  next(): Promise<ElementList | undefined>;
  /** Nobody wants any more: `next` is not called again, and one under way may end as it likes. */
  cancel(reason?: unknown): void;
}

/** A stream or future that passes without becoming a `ReadableStream` or a `Promise`. */
export interface PassedStream {
  /** Its elements; of a future its value, as a list of one. */
  lists(): ElementLists;
}

const ENCODER = new TextEncoder();

/** Whether `value` is a stream that passes as it is. */
export function isPassed(value: unknown): value is PassedStream {
  return typeof value === "object" && value !== null && "lists" in value && typeof value.lists === "function";
}

/** Whether `value` can be passed as a stream: a `ReadableStream` that nobody reads yet, or anything else to iterate over. */
export function isStream(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof ReadableStream) return !value.locked;
  return isPassed(value) || Symbol.asyncIterator in value || Symbol.iterator in value;
}

/**
 * The elements of `source`, which {@linkcode isStream}. Of numbers, each of its pieces is a number or a list of them, of bytes
 * also a string, which is its UTF-8; of anything else each is an element. `element` is the name of the element's type, if it is
 * a primitive.
 */
export function elementLists(source: unknown, element: unknown): ElementLists {
  if (isPassed(source)) return source.lists();
  const pieces = source instanceof ReadableStream
    ? piecesOfReadable(source)
    : piecesOfIterable(source as AsyncIterable<unknown> | Iterable<unknown>);
  return {
    async next() {
      for (;;) {
        const { done, value } = await pieces.next();
        if (done) return undefined;
        const list = listOf(value, element);
        if (list.length > 0) return list;
      }
    },
    cancel: (reason) => pieces.cancel(reason),
  };
}

/** Whether elements of that type come as lists of them. */
export function isNumeric(element: unknown): boolean {
  return typedArrayOf(element) !== undefined;
}

/** Streams that nobody refers to any more: who fills them should know. */
const ABANDONED = new FinalizationRegistry<ElementLists>((lists) => lists.cancel());

/**
 * A stream of what `lists` has: pieces that are lists, of numbers; elements otherwise. When it is left without a reader, `lists`
 * is cancelled, once the garbage is collected.
 */
export function readableOf(lists: ElementLists, element: unknown): ReadableStream {
  const stream = new ReadableStream({
    async pull(controller) {
      const list = await lists.next();
      if (list === undefined) controller.close();
      else if (isNumeric(element)) controller.enqueue(list);
      else for (let i = 0; i < list.length; i++) controller.enqueue(list[i]);
    },
    cancel: (reason) => lists.cancel(reason),
  }, { highWaterMark: 0 });
  ABANDONED.register(stream, lists);
  return stream;
}

/** A promise among `values` may fail before anybody waits for it: whoever does will see. */
export function holdPromises(values: readonly unknown[]): void {
  for (const value of values) if (value instanceof Promise) value.catch(() => {});
}

/** A promise of what `lists` has as its only element. Nobody need wait for it. */
export function promiseOf(lists: ElementLists): Promise<unknown> {
  const promise = lists.next().then((list) => list?.[0]);
  promise.catch(() => {});
  return promise;
}

interface Pieces {
  next(): Promise<{ done?: boolean; value?: unknown }>;
  cancel(reason?: unknown): void;
}

function piecesOfReadable(stream: ReadableStream): Pieces {
  const reader = stream.getReader();
  return {
    next: () => reader.read(),
    async cancel(reason) {
      await reader.cancel(reason).catch(() => {}); // it may have failed by itself
      reader.releaseLock();
    },
  };
}

function piecesOfIterable(source: AsyncIterable<unknown> | Iterable<unknown>): Pieces {
  const iterator = Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
  return {
    next: async () => await iterator.next(),
    async cancel() {
      try {
        await iterator.return?.();
      } catch {
        // Nobody is left to hear of it.
      }
    },
  };
}

function listOf(piece: unknown, element: unknown): ElementList {
  if (!isNumeric(element)) return [piece];
  if (typeof piece === "number" || typeof piece === "bigint") return [piece];
  if (element === "u8" && typeof piece === "string") return ENCODER.encode(piece);
  if (Array.isArray(piece) || ArrayBuffer.isView(piece) && "length" in piece) {
    if (!isDetached(piece as ElementList)) return piece as ElementList;
    throw new Misfit(piece, `a list of ${element} that still has its buffer`, "list");
  }
  throw new Misfit(piece, `a list of ${element}, or one of them`, "list");
}
