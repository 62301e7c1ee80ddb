/** Values that a field may have, and others that it may not, by what its description says in its errors. */
import type { Body } from "../../../gmp/frames/body.ts";
import { type FieldKind, type Fields, isOptional } from "../../../gmp/messages/fields.ts";

type AnyKind = FieldKind<never, unknown>;

/** A value of `kind`; of a text the longest where that is not long, of an integer the greatest, of a list one item. */
function sampleOf({ what, fields, choices, item }: AnyKind): unknown {
  if (choices !== undefined) return sampleOfFields(Object.fromEntries(Object.entries(choices).slice(0, 1)));
  if (fields !== undefined) return sampleOfFields(fields);
  if (item !== undefined) return what.startsWith("a map") ? { any: sampleOf(item) } : [sampleOf(item)];
  const [, longest] = /^a string of at most (\d+) characters$/.exec(what) ?? [];
  if (longest !== undefined) return "x".repeat(Math.min(Number(longest), 1024));
  const [, most] = /^an? (?:integer|number) from -?\d+ to (\d+)$/.exec(what) ?? [];
  if (most !== undefined) return Number(most);
  if (/^at most \d+ bytes$/.test(what)) return Uint8Array.of(7, 8, 9);
  const [, length] = /^(\d+) bytes$/.exec(what) ?? [];
  if (length !== undefined) return new Uint8Array(Number(length)).fill(7);
  const [, first] = /^one of "([^"]+)"/.exec(what) ?? [];
  if (first !== undefined) return first;
  if (what === "true or false") return true;
  if (what === "a list") return [];
  if (what === "a string or an integer") return 7;
  throw new Error(`no sample of ${what}`);
}

/** A whole message of `fields`, without those that may be left out when `barely`. */
export function sampleOfFields(fields: Fields, barely = false): Body {
  const wanted = Object.entries(fields).filter(([, kind]) => !barely || !isOptional(kind));
  return Object.fromEntries(wanted.map(([name, kind]) => [name, sampleOf(kind)]));
}

/** Values that `kind` may not have, by what is wrong with them: another type, too long, out of range, wrong inside. */
export function* wrongOf(kind: AnyKind): Generator<[string, unknown]> {
  const { what, fields, choices, item } = kind;
  const others: [string, unknown][] = [
    ["a number that is no integer", 0.5],
    ["a number that is none", NaN],
    ["a text that it does not know", "no such thing"],
    ["true", true],
    ["no bytes", new Uint8Array(0)],
    ["a list with nil", [null]],
    ["a map", { unknown: 1 }],
  ];
  for (const [name, value] of others) if (!mayBe(kind, value)) yield [name, value];
  const [, longest] = /^a string of at most (\d+) characters$/.exec(what) ?? [];
  // Of some the bound is as long as a frame may be.
  if (longest !== undefined && Number(longest) < 200_000) yield ["too long", "x".repeat(Number(longest) + 1)];
  const [, least, most] = /^an? (?:integer|number) from (-?\d+) to (\d+)$/.exec(what) ?? [];
  if (least !== undefined) {
    yield* [["too small", Number(least) - 1], ["too large", 2 * Number(most) + 2]] as const;
  }
  const [, length] = /^(?:at most )?(\d+) bytes$/.exec(what) ?? [];
  if (length !== undefined) yield ["a byte more", new Uint8Array(Number(length) + 1)];
  if (item !== undefined) {
    const isList = Array.isArray(sampleOf(kind));
    for (const [name, value] of wrongOf(item)) yield [`an item is ${name}`, isList ? [value] : { a: value }];
  }
  if (fields !== undefined) {
    for (const [name, value] of wrongBodies(fields)) yield [`inside: ${name}`, value];
  }
  if (choices !== undefined) {
    yield ["two of a choice", sampleOfFields(choices)];
    for (const [name, one] of Object.entries(choices)) {
      for (const [how, value] of wrongOf(one)) yield [`inside: ${name} is ${how}`, { [name]: value }];
    }
  }
}

/** Messages of `fields` in which one field is wrong each, by which one and what is wrong with it. */
export function* wrongBodies(fields: Fields): Generator<[string, Body]> {
  const right = sampleOfFields(fields);
  for (const [name, kind] of Object.entries(fields)) {
    if (!isOptional(kind)) {
      const { [name]: _, ...without } = right;
      yield [`${name} is missing`, without];
      yield [`${name} is nil`, { ...right, [name]: null }];
    }
    for (const [how, value] of wrongOf(kind)) yield [`${name} is ${how}`, { ...right, [name]: value }];
  }
}

/** Whether a value of that type is one of `kind`. */
function mayBe({ what, fields, choices, item }: AnyKind, value: unknown): boolean {
  if (fields !== undefined || choices !== undefined || item !== undefined) return false;
  return typeof value === "string" && what.startsWith("a string") ||
    value === true && what === "true or false" || value === 0.5 && what.startsWith("a number") ||
    what === "a list" && Array.isArray(value) ||
    what.endsWith(" bytes") && what.startsWith("at most") && value instanceof Uint8Array;
}
