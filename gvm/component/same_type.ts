import type { Type } from "./types.ts";

/** Types that were found to be equal, so that no part of a type is compared twice. */
const EQUAL = new WeakMap<Type, WeakSet<Type>>();

/** Whether two types are equal (component-model, Explainer, "Type Checking"): resources are by what they are, not by name. */
export function isSameType(one: Type | null, other: Type | null): boolean {
  if (one === other) return true;
  if (one === null || other === null || one.kind !== other.kind) return false;
  if (EQUAL.get(one)?.has(other)) return true;
  const [a, b] = [one as unknown as Record<string, unknown>, other as unknown as Record<string, unknown>];
  const isSame = Object.keys(a).every((key) => key === "codec" || isSamePart(a[key], b[key]));
  if (!isSame) return false;
  let equal = EQUAL.get(one);
  if (equal === undefined) EQUAL.set(one, equal = new WeakSet());
  equal.add(other);
  return true;
}

function isSamePart(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length &&
      one.every((part, i) => isSamePart(part, other[i]));
  }
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if ("kind" in one && "kind" in other) return isSameType(one as Type, other as Type);
  // A named part of a record or a variant.
  if (!("type" in one) || !("type" in other)) return false;
  const [a, b] = [one as { name: string; type: Type | null }, other as { name: string; type: Type | null }];
  return a.name === b.name && isSameType(a.type, b.type);
}
