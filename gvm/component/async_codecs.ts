import { CopyEnd, ErrorContext, Shared } from "./copy_ends.ts";
import { HostFuture } from "./host_future.ts";
import { SourceSender, SourceStream } from "./host_streams.ts";
import { GuestStream, sendAll, sendOne } from "./host_ends.ts";
import { isStream } from "../../gmp/types/element_lists.ts";
import { isSameType } from "./same_type.ts";
import type { CanonicalContext } from "./canonical_context.ts";
import type { Codec } from "./codec.ts";
import { trap, unfit } from "./trap.ts";
import type { Type } from "./types.ts";

type AsyncType = Extract<Type, { readonly kind: "stream" | "future" }>;

/** The codec of the readable end of a stream or a future, and of an error context. */
export function asyncCodec(type: Type): Codec {
  if (type.kind !== "stream" && type.kind !== "future") return handleOf(liftContext, lowerContext);
  const found = type as AsyncType;
  return handleOf((cx, index) => liftEnd(cx, index, found), (cx, value) => lowerEnd(cx, value, found));
}

function handleOf(
  lift: (cx: CanonicalContext, index: number) => unknown,
  lower: (cx: CanonicalContext, value: unknown) => number,
): Codec {
  return {
    size: 4,
    alignment: 4,
    flat: ["i32"],
    weight: 40,
    load: (cx, at) => lift(cx, cx.view.getUint32(at, true)),
    store: (cx, value, at) => cx.view.setUint32(at, lower(cx, value), true),
    lift: (cx) => lift(cx, cx.values[cx.next++] as number),
    lower: (cx, value) => void cx.values.push(lower(cx, value)),
  };
}

function liftEnd({ instance }: CanonicalContext, index: number, { kind, element }: AsyncType): unknown {
  const end = instance.handles.remove(index);
  if (!(end instanceof CopyEnd) || !end.isReadable || end.shared.kind !== kind) {
    trap(`handle index ${index >>> 0} is not the readable end of a ${kind}`);
  }
  if (!isSameType(end.shared.type, element)) trap(`handle index ${index >>> 0} used with the wrong type`);
  if (end.state !== "idle") {
    trap(
      end.isCopying ? `cannot lift ${kind} while it is being copied` : `cannot lift ${kind} after it is done`,
    );
  }
  if (end.set !== undefined) trap(`cannot lift ${kind} while it is in a waitable set`);
  const { passing } = instance.store;
  return passing === undefined ? end.shared : new GuestStream(end.shared, passing);
}

function lowerEnd(cx: CanonicalContext, value: unknown, { kind, element }: AsyncType): number {
  if (value instanceof Shared) {
    const fits = value.kind === kind && isSameType(value.type, element);
    return fits ? cx.add(new CopyEnd(value, true)) : unfit(`a ${kind}`, value);
  }
  const { scheduler, passing } = cx.instance.store;
  const shared = new Shared(kind, element, scheduler);
  if (kind === "stream") {
    if (value instanceof SourceStream) new SourceSender(shared, value.source);
    else if (!isStream(value)) unfit("a stream (a ReadableStream that nobody reads, or an iterable)", value);
    else sendAll(shared, value as object, passing);
  } else if (value instanceof HostFuture) {
    value.sendBy(shared);
  } else {
    if (passing === undefined && !(value instanceof Promise)) unfit("a promise", value);
    sendOne(shared, value, passing);
  }
  return cx.add(new CopyEnd(shared, true));
}

function liftContext({ instance }: CanonicalContext, index: number): ErrorContext {
  const entry = instance.handles.get(index);
  return entry instanceof ErrorContext ? entry : trap(`handle index ${index >>> 0} is not an error context`);
}

function lowerContext(cx: CanonicalContext, value: unknown): number {
  return cx.add(value instanceof ErrorContext ? value : unfit("an error context", value));
}
