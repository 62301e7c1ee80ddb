import { GhostError } from "../errors.ts";

/** Elements of a stream that are kept where it is a part of a value: its reader has to have all of it. */
const MAX_KEPT_ELEMENTS: number = 1 << 24;

/**
 * `value`, as programs have it, with streams read to their end, as lists of their elements, and futures awaited: all of them at
 * once, since a component may fill them in any order. For values that are shown as a whole.
 *
 * @throws {GhostError} `PAYLOAD_TOO_LARGE` for a stream of more than 16,777,216 elements, and what ends a stream or a future.
 */
export async function settledValue(value: unknown): Promise<unknown> {
  const found = await value;
  if (found instanceof ReadableStream) return await listOf(found);
  if (Array.isArray(found)) return await Promise.all(found.map(settledValue));
  if (found instanceof Map) {
    return new Map(
      await Promise.all(Array.from(found, async ([key, one]) => [key, await settledValue(one)] as const)),
    );
  }
  if (typeof found !== "object" || found === null || Object.getPrototypeOf(found) !== Object.prototype) {
    return found;
  }
  const fields = Object.entries(found).map(async ([name, one]) => [name, await settledValue(one)] as const);
  return Object.fromEntries(await Promise.all(fields));
}

async function listOf(stream: ReadableStream): Promise<unknown> {
  const list: unknown[] = [];
  const bytes: Uint8Array[] = [];
  let count = 0;
  for await (const piece of stream) {
    const isNumbers = ArrayBuffer.isView(piece);
    count += isNumbers ? (piece as Uint8Array).length : 1;
    if (count > MAX_KEPT_ELEMENTS) {
      throw new GhostError(
        "PAYLOAD_TOO_LARGE",
        `Cannot show the value: a stream in it has more than ${MAX_KEPT_ELEMENTS} elements`,
      );
    }
    if (piece instanceof Uint8Array) bytes.push(piece);
    else if (isNumbers) { for (const number of piece as unknown as Iterable<unknown>) list.push(number); }
    else list.push(await settledValue(piece));
  }
  return bytes.length === 0
    ? list
    : new Uint8Array(await new Blob(bytes as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
