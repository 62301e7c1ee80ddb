/** A MessagePack string that begins with a byte order mark: where its type is, and where its bytes are. */
export interface MarkedString {
  readonly head: number;
  readonly start: number;
  readonly size: number;
}

/** U+FEFF in UTF-8. */
const MARK = [0xef, 0xbb, 0xbf] as const;
/** MessagePack's type for a string with a 32-bit length. */
const STR32 = 0xdb;
const HEAD_BYTES = 5;

/** True when the string of `size` bytes at `start` begins with a byte order mark. */
export function isMarked(bytes: Uint8Array, start: number, size: number): boolean {
  return size >= MARK.length && bytes[start] === MARK[0] && bytes[start + 1] === MARK[1] &&
    bytes[start + 2] === MARK[2];
}

/**
 * `before`, followed by a copy of the `ranges` of `bytes` (from, to, from, to, …) in which each of the `marked` strings
 * has a second mark in front: the decoder of @std/msgpack swallows one, and a name, an argument or a path may begin
 * with one. Maps and arrays have counts but no sizes, so nothing else changes.
 */
export function copyRanges(
  bytes: Uint8Array,
  ranges: readonly number[],
  marked: readonly MarkedString[],
  before: Uint8Array = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  let size = before.length + marked.length * (HEAD_BYTES + MARK.length);
  for (let i = 0; i < ranges.length; i += 2) size += ranges[i + 1]! - ranges[i]!;
  const copy = new Uint8Array(size);
  const view = new DataView(copy.buffer);
  copy.set(before);
  let to = before.length;
  const take = (from: number, end: number): void => {
    copy.set(bytes.subarray(from, end), to);
    to += end - from;
  };
  let next = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    let from = ranges[i]!;
    const end = ranges[i + 1]!;
    while ((marked[next]?.head ?? end) < from) next++; // in a range that is left out
    for (let one = marked[next]; one !== undefined && one.head < end; one = marked[++next]) {
      take(from, one.head);
      view.setUint8(to, STR32);
      view.setUint32(to + 1, one.size + MARK.length);
      copy.set(MARK, to + HEAD_BYTES);
      to += HEAD_BYTES + MARK.length;
      from = one.start;
    }
    take(from, end);
  }
  return copy.subarray(0, to);
}
