import type { CanonicalContext } from "./canonical_context.ts";
import type { Codec } from "./codec.ts";
import { checkedHandle, GuestResource, handleOf, ResourceHandle, type ResourceType } from "./resources.ts";
import { trap, unfit } from "./trap.ts";

/** The codec of a handle: an object that stands for it, for a resource of the host the object that the host gave out. */
export function handleCodec(kind: "own" | "borrow", type: ResourceType): Codec {
  const lift = kind === "own" ? liftOwn : liftBorrow;
  const lower = kind === "own" ? lowerOwn : lowerBorrow;
  return {
    size: 4,
    alignment: 4,
    flat: ["i32"],
    weight: 40,
    load: (cx, at) => lift(cx, cx.view.getUint32(at, true), type),
    store: (cx, value, at) => cx.view.setUint32(at, lower(cx, value, type), true),
    lift: (cx) => lift(cx, cx.values[cx.next++] as number, type),
    lower: (cx, value) => void cx.values.push(lower(cx, value, type)),
  };
}

function liftOwn({ instance }: CanonicalContext, index: number, type: ResourceType): object {
  const handle = checkedHandle(instance.handles.remove(index), index, type);
  if (handle.lends > 0) trap("cannot remove owned resource while borrowed");
  if (handle.scope !== undefined) trap("cannot lift own resource from a borrow");
  return type.implementer === undefined
    ? handle.representation as object
    : new GuestResource(type, handle.representation as number, true);
}

function liftBorrow(cx: CanonicalContext, index: number, type: ResourceType): object {
  const handle = handleOf(cx.instance, index, type);
  handle.lends++;
  const value = type.implementer === undefined
    ? undefined
    : new GuestResource(type, handle.representation as number, false);
  (cx.lent ??= []).push({ handle, value });
  return value ?? handle.representation as object;
}

function lowerOwn(cx: CanonicalContext, value: unknown, type: ResourceType): number {
  if (type.implementer === undefined) {
    return cx.add(new ResourceHandle(type, hostObject(value, type), undefined));
  }
  const resource = guestResource(value, type);
  return cx.add(new ResourceHandle(type, resource.give(), undefined), resource);
}

function lowerBorrow(cx: CanonicalContext, value: unknown, type: ResourceType): number {
  const { instance, scope } = cx;
  if (type.implementer === undefined) return addBorrowed(cx, hostObject(value, type), type);
  const resource = guestResource(value, type);
  // What is lifted from a guest is lent there already.
  if (resource.isOwned && scope !== undefined) {
    resource.lends++;
    (cx.lent ??= []).push({ handle: resource, value: undefined });
  }
  return instance === type.implementer
    ? resource.representation
    : addBorrowed(cx, resource.representation, type);
}

function addBorrowed(cx: CanonicalContext, representation: unknown, type: ResourceType): number {
  const { scope } = cx;
  if (scope === undefined) throw new Error("A borrowed handle is lowered outside of a call");
  scope.borrows++;
  return cx.add(new ResourceHandle(type, representation, scope));
}

function hostObject(value: unknown, type: ResourceType): object {
  if (typeof value === "object" && value !== null || typeof value === "function") return value;
  unfit(`a resource ${type.name}`, value);
}

function guestResource(value: unknown, type: ResourceType): GuestResource {
  if (value instanceof GuestResource) {
    value.check(); // also one of an instance that has ended, which had types of its own
    if (value.type === type) return value;
  }
  unfit(`a resource ${type.name}`, value);
}
