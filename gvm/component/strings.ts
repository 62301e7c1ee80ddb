import type { CanonicalContext } from "./canonical_context.ts";
import { MAX_SPAN_BYTES } from "./layout.ts";
import { trap, unfit } from "./trap.ts";

/** Marks a length as one of UTF-16 in the encoding that is either Latin-1 or UTF-16. */
const UTF16_TAG = 2 ** 31;
/** Longest string that is faster to read and write character by character, if it is ASCII. */
const SHORT = 24;
/** Bytes of a string in JavaScript, besides its characters. */
export const STRING_WEIGHT = 24;

const encoder = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf16 = new TextDecoder("utf-16le", { fatal: true, ignoreBOM: true });

/** The string at `pointer`, `length` units long (Canonical ABI, `load_string_from_range`). */
export function loadString(cx: CanonicalContext, pointer: number, length: number): string {
  switch (cx.encoding) {
    case "utf8":
      return loadUtf8(cx, pointer, length);
    case "utf16":
      return loadUtf16(cx, pointer, length);
    default:
      return length >= UTF16_TAG
        ? loadUtf16(cx, pointer, length - UTF16_TAG)
        : loadLatin1(cx, pointer, length);
  }
}

function loadUtf8(cx: CanonicalContext, pointer: number, length: number): string {
  checkRange(cx, pointer, length, 1);
  if (length <= SHORT) {
    const short = loadAscii(cx.bytes, pointer, length);
    if (short !== undefined) return short;
  }
  return decode(utf8, cx.bytes, pointer, length);
}

/** A short string of ASCII; `undefined` if it is not. */
function loadAscii(bytes: Uint8Array, pointer: number, length: number): string | undefined {
  let text = "";
  for (let i = pointer; i < pointer + length; i++) {
    const byte = bytes[i]!;
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function loadUtf16(cx: CanonicalContext, pointer: number, units: number): string {
  checkRange(cx, pointer, units * 2, 2);
  return decode(utf16, cx.bytes, pointer, units * 2);
}

function loadLatin1(cx: CanonicalContext, pointer: number, length: number): string {
  checkRange(cx, pointer, length, 2);
  let text = "";
  for (let at = pointer; at < pointer + length; at += 4096) {
    text += String.fromCharCode(...cx.bytes.subarray(at, Math.min(at + 4096, pointer + length)));
  }
  return text;
}

function checkRange(cx: CanonicalContext, pointer: number, size: number, alignment: number): void {
  if (size > MAX_SPAN_BYTES) trap("string content is too long");
  if ((pointer & (alignment - 1)) !== 0) trap("unaligned pointer");
  if (pointer + size > cx.bytes.length) trap("string content out-of-bounds");
  cx.instance.store.charge(STRING_WEIGHT + size);
}

function decode(decoder: TextDecoder, bytes: Uint8Array, pointer: number, size: number): string {
  try {
    return decoder.decode(bytes.subarray(pointer, pointer + size) as BufferSource);
  } catch {
    trap(`a string is not valid ${decoder.encoding}`);
  }
}

/**
 * Stores `value` in memory that the guest allocates, and returns its length in units; `cx.pointer` is where it is
 * (Canonical ABI, `store_string_into_range`).
 */
export function storeString(cx: CanonicalContext, value: unknown): number {
  if (typeof value !== "string") unfit("a string", value);
  // It would arrive with another character in place of the half; what a guest passes has none.
  if (!value.isWellFormed()) unfit("a string of whole characters", value);
  switch (cx.encoding) {
    case "utf8":
      return storeUtf8(cx, value);
    case "utf16":
      return storeUtf16(cx, value);
    default:
      return isLatin1(value) ? storeLatin1(cx, value) : storeUtf16(cx, value) + UTF16_TAG;
  }
}

function storeUtf8(cx: CanonicalContext, value: string): number {
  const { length } = value;
  if (length <= SHORT && isAscii(value)) {
    const pointer = cx.pointer = cx.reallocate(0, 0, 1, length);
    const { bytes } = cx;
    for (let i = 0; i < length; i++) bytes[pointer + i] = value.charCodeAt(i);
    return length;
  }
  const encoded = encoder.encode(value);
  checkStored(encoded.length);
  cx.pointer = cx.reallocate(0, 0, 1, encoded.length);
  cx.bytes.set(encoded, cx.pointer);
  return encoded.length;
}

function isAscii(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 0x7f) return false;
  return true;
}

function isLatin1(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 0xff) return false;
  return true;
}

function storeUtf16(cx: CanonicalContext, value: string): number {
  const { length } = value;
  checkStored(length * 2);
  const pointer = cx.pointer = cx.reallocate(0, 0, 2, length * 2);
  const { view } = cx;
  for (let i = 0; i < length; i++) view.setUint16(pointer + 2 * i, value.charCodeAt(i), true);
  return length;
}

function storeLatin1(cx: CanonicalContext, value: string): number {
  const { length } = value;
  checkStored(length);
  const pointer = cx.pointer = cx.reallocate(0, 0, 2, length);
  const { bytes } = cx;
  for (let i = 0; i < length; i++) bytes[pointer + i] = value.charCodeAt(i);
  return length;
}

function checkStored(size: number): void {
  if (size > MAX_SPAN_BYTES) unfit(`a string of at most ${MAX_SPAN_BYTES} bytes`, `${size} bytes`);
}
