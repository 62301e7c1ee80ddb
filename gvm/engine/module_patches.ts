import type { ByteRange, SectionDescription } from "../../gmp/wasm_format/module_description.ts";

/** Bytes that replace a piece of a module's file. */
export interface Patch extends ByteRange {
  /** The new bytes. */
  readonly bytes: Uint8Array;
}

/** A non-negative safe integer in LEB128. */
export function encodeUnsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push(value % 0x80 | 0x80);
  bytes.push(value);
  return bytes;
}

/** A name in the binary format: its length, and UTF-8. */
export function encodeName(name: string): number[] {
  const bytes = new TextEncoder().encode(name);
  return [...encodeUnsigned(bytes.length), ...bytes];
}

/** `bytes` in place of a whole section, including its id and size. */
export function whole({ start, end }: SectionDescription, bytes: ArrayLike<number>): Patch {
  return { start, end, bytes: Uint8Array.from(bytes) };
}

/** `entries` appended to a section, which then has `count` of them, the number at its start. */
export function appended(
  bytes: Uint8Array,
  { contentStart, end }: SectionDescription,
  count: number,
  entries: readonly number[],
): Patch[] {
  let countEnd = contentStart;
  while (bytes[countEnd++]! >= 0x80);
  return [
    { start: contentStart, end: countEnd, bytes: Uint8Array.from(encodeUnsigned(count)) },
    { start: end, end, bytes: Uint8Array.from(entries) },
  ];
}

/**
 * A module with pieces of its `sections` replaced, their sizes rewritten and the rest copied in blocks. A
 * patch lies within the content of one section, or replaces the whole section from its id on.
 */
export function applyPatches(
  bytes: Uint8Array<ArrayBuffer>,
  sections: readonly SectionDescription[],
  patches: readonly Patch[],
): Uint8Array<ArrayBuffer> {
  const sorted = patches.toSorted((a, b) => a.start - b.start);
  const chunks: Uint8Array[] = [];
  let copied = 0;
  const replace = (start: number, end: number, replacement: Uint8Array): void => {
    chunks.push(bytes.subarray(copied, start), replacement);
    copied = end;
  };
  for (const { start, contentStart, end } of sections) {
    const whole = sorted.find((patch) => patch.start === start && patch.end === end);
    if (whole !== undefined) {
      replace(start, end, whole.bytes);
      continue;
    }
    const inside = sorted.filter((patch) => patch.start >= contentStart && patch.end <= end);
    if (inside.length === 0) continue;
    const growth = inside.reduce((sum, patch) => sum + patch.bytes.length - (patch.end - patch.start), 0);
    replace(start + 1, contentStart, Uint8Array.from(encodeUnsigned(end - contentStart + growth)));
    for (const patch of inside) replace(patch.start, patch.end, patch.bytes);
  }
  chunks.push(bytes.subarray(copied));
  return concat(chunks);
}

/** All `chunks` in sequence. */
export function concat(chunks: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
