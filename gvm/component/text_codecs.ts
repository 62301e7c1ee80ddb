import type { Codec } from "./codec.ts";
import { loadString, storeString, STRING_WEIGHT } from "./strings.ts";
import { trap, unfit } from "./trap.ts";

/** The codec of strings. */
export function stringCodec(): Codec {
  return STRING;
}

/** The codec of a character: a Unicode scalar value. */
export function charCodec(): Codec {
  return CHAR;
}

const STRING: Codec = {
  size: 8,
  alignment: 4,
  flat: ["i32", "i32"],
  weight: STRING_WEIGHT,
  load: (cx, at) => loadString(cx, cx.view.getUint32(at, true), cx.view.getUint32(at + 4, true)),
  store(cx, value, at) {
    const length = storeString(cx, value);
    cx.view.setUint32(at, cx.pointer, true);
    cx.view.setUint32(at + 4, length, true);
  },
  lift(cx) {
    const pointer = cx.values[cx.next++] as number;
    return loadString(cx, pointer >>> 0, (cx.values[cx.next++] as number) >>> 0);
  },
  lower(cx, value) {
    const length = storeString(cx, value);
    cx.values.push(cx.pointer, length);
  },
};

const CHAR: Codec = {
  size: 4,
  alignment: 4,
  flat: ["i32"],
  weight: 16,
  load: (cx, at) => charOf(cx.view.getUint32(at, true)),
  store: (cx, value, at) => cx.view.setUint32(at, codePointOf(value), true),
  lift: (cx) => charOf((cx.values[cx.next++] as number) >>> 0),
  lower: (cx, value) => void cx.values.push(codePointOf(value)),
};

function charOf(codePoint: number): string {
  if (codePoint > 0x10ffff || codePoint >= 0xd800 && codePoint <= 0xdfff) trap("invalid `char` bit pattern");
  return String.fromCodePoint(codePoint);
}

function codePointOf(value: unknown): number {
  if (typeof value === "string" && value !== "" && value.length <= 2) {
    const codePoint = value.codePointAt(0)!;
    const isOne = value.length === (codePoint > 0xffff ? 2 : 1);
    if (isOne && (codePoint < 0xd800 || codePoint > 0xdfff)) return codePoint;
  }
  unfit("one character", value);
}
