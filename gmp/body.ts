import { decode, encode } from "@std/msgpack";
import { GhostError } from "./errors.ts";

/** A payload: one MessagePack map with string keys (docs/protocol.md, "Maps"). */
export type Body = Record<string, unknown>;

/** Maps and arrays inside each other: the deepest message of GMP, a list of modules, needs four. */
const MAX_DEPTH = 8;
/** Values in one message: 10,000 names or the exports of a large module fit; a flood of empty maps does not. */
const MAX_ELEMENTS = 200_000;

/**
 * The body as MessagePack bytes; fields that are `undefined` are left out.
 *
 * @example
 * ```ts
 * import { encodeBody } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(encodeBody({ port: 5001 }).toHex(), "81a4706f7274cd1389");
 * ```
 */
export function encodeBody(body: Body): Uint8Array {
  const present: Record<string, unknown> = {};
  for (const key in body) if (body[key] !== undefined) present[key] = body[key];
  return encode(present as Parameters<typeof encode>[0]);
}

/**
 * The body in `bytes`, from an untrusted side. Depth and number of values are checked before anything is made of them,
 * every map has string keys other than `__proto__`, and no bytes are left over. The body does not refer to `bytes`.
 *
 * @throws {GhostError} `BAD_REQUEST` when `bytes` are anything else.
 *
 * @example
 * ```ts
 * import { decodeBody, encodeBody } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeBody({ name: "node-1", port: 5001 });
 * assertEquals(decodeBody(bytes), { name: "node-1", port: 5001 });
 * ```
 */
export function decodeBody(bytes: Uint8Array): Body {
  const hasBinary = checkMap(bytes);
  try {
    // Binary values are views of what is decoded, and `bytes` are of a read buffer that is used again.
    return decode(hasBinary ? bytes.slice() : bytes) as Body;
  } catch (error) {
    throw new GhostError("BAD_REQUEST", "Cannot read the payload: it is not valid MessagePack", {
      cause: error,
    });
  }
}

/** Walks the MessagePack structure (msgpack.org, "Formats") without making a value of it; true when it has binary. */
function checkMap(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length;
  let position = 0;
  let elements = 0;
  let hasBinary = false;

  const fail = (reason: string): never => {
    throw new GhostError("BAD_REQUEST", `Cannot read the payload: ${reason}`);
  };
  const need = (count: number): number => {
    if (count > end - position) fail("its MessagePack is cut off");
    position += count;
    return position - count;
  };
  /** Reads a length of `width` bytes. */
  const length = (width: 1 | 2 | 4): number => {
    const at = need(width);
    return width === 1 ? view.getUint8(at) : width === 2 ? view.getUint16(at) : view.getUint32(at);
  };
  const container = (count: number, isMap: boolean, depth: number): void => {
    if (depth >= MAX_DEPTH) fail(`it is deeper than ${MAX_DEPTH}`);
    for (let i = 0; i < count; i++) {
      if (isMap) key();
      value(depth + 1);
    }
  };
  const key = (): void => {
    const type = view.getUint8(need(1));
    let size = -1;
    if ((type & 0xe0) === 0xa0) size = type & 0x1f;
    else if (type >= 0xd9 && type <= 0xdb) size = length(1 << type - 0xd9 as 1 | 2 | 4);
    else fail("a key of a map is not a string");
    // The end is what counts: a byte order mark before it would be stripped by the decoder.
    const start = need(size) + size - PROTO.length;
    if (size >= PROTO.length && PROTO.every((byte, i) => bytes[start + i] === byte)) {
      fail('a key is "__proto__"');
    }
  };
  const value = (depth: number): void => {
    if (++elements > MAX_ELEMENTS) fail(`it has more than ${MAX_ELEMENTS} values`);
    const type = view.getUint8(need(1));
    if (type <= 0x7f || type >= 0xe0 || type === 0xc0 || type === 0xc2 || type === 0xc3) return;
    if (type <= 0x8f) return container(type & 0x0f, true, depth);
    if (type <= 0x9f) return container(type & 0x0f, false, depth);
    if (type <= 0xbf) return void need(type & 0x1f);
    if (type >= 0xc4 && type <= 0xc6) {
      hasBinary = true;
      return void need(length(1 << type - 0xc4 as 1 | 2 | 4));
    }
    if (type === 0xca) return void need(4);
    if (type === 0xcb) return void need(8);
    if (type >= 0xcc && type <= 0xcf) return void need(1 << type - 0xcc);
    if (type >= 0xd0 && type <= 0xd3) return void need(1 << type - 0xd0);
    if (type >= 0xd9 && type <= 0xdb) return void need(length(1 << type - 0xd9 as 1 | 2 | 4));
    if (type === 0xdc) return container(length(2), false, depth);
    if (type === 0xdd) return container(length(4), false, depth);
    if (type === 0xde) return container(length(2), true, depth);
    if (type === 0xdf) return container(length(4), true, depth);
    fail(`it has a MessagePack type, ${type}, that GMP does not use`);
  };

  if (end === 0) fail("it is empty");
  const first = bytes[0]!;
  if ((first & 0xf0) !== 0x80 && first !== 0xde && first !== 0xdf) fail("it is not a map");
  value(0);
  if (position !== end) fail("bytes follow its map");
  return hasBinary;
}

const PROTO = new TextEncoder().encode("__proto__");

function wrong(body: Body, field: string, expected: string): GhostError {
  const problem = field in body ? `is not ${expected}` : "is missing";
  return new GhostError("BAD_REQUEST", `Cannot read the message: "${field}" ${problem}`, {
    details: { field },
  });
}

/**
 * The string in `field`, of at most `longest` UTF-16 units.
 *
 * @throws {GhostError} `BAD_REQUEST` otherwise.
 *
 * @example
 * ```ts
 * import { stringIn } from "@ghost/network/gmp";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(stringIn({ name: "node-1" }, "name"), "node-1");
 * assertThrows(() => stringIn({ name: "node-1" }, "name", 4), Error, "at most 4 characters");
 * ```
 */
export function stringIn(body: Body, field: string, longest = 1024): string {
  const value = body[field];
  if (typeof value === "string" && value.length <= longest) return value;
  throw wrong(body, field, `a string of at most ${longest} characters`);
}

/**
 * As {@linkcode stringIn}, but `undefined` when the field is missing or null.
 *
 * @example
 * ```ts
 * import { optionalStringIn } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(optionalStringIn({ name: "math" }, "version"), undefined);
 * ```
 */
export function optionalStringIn(body: Body, field: string, longest?: number): string | undefined {
  return body[field] == null ? undefined : stringIn(body, field, longest);
}

/**
 * The integer in `field`, from `least` to `most`.
 *
 * @throws {GhostError} `BAD_REQUEST` otherwise.
 *
 * @example
 * ```ts
 * import { integerIn } from "@ghost/network/gmp";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(integerIn({ port: 5001 }, "port", 1, 65_535), 5001);
 * assertThrows(() => integerIn({ port: 0.5 }, "port", 1, 65_535), Error, "an integer from 1 to 65535");
 * ```
 */
export function integerIn(body: Body, field: string, least: number, most: number): number {
  // Other implementations may write small integers in 64 bits, which are decoded as bigints.
  const given = body[field];
  const value = typeof given === "bigint" ? Number(given) : given;
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw wrong(body, field, `an integer from ${least} to ${most}`);
}

/**
 * The bytes in `field`, `length` of them.
 *
 * @throws {GhostError} `BAD_REQUEST` otherwise.
 *
 * @example
 * ```ts
 * import { bytesIn } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(bytesIn({ nonce: Uint8Array.of(1, 2) }, "nonce", 2), Uint8Array.of(1, 2));
 * ```
 */
export function bytesIn(body: Body, field: string, length: number): Uint8Array {
  const value = body[field];
  if (value instanceof Uint8Array && value.length === length) return value;
  throw wrong(body, field, `${length} bytes`);
}

/**
 * The map in `field`.
 *
 * @throws {GhostError} `BAD_REQUEST` otherwise.
 *
 * @example
 * ```ts
 * import { mapIn } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(mapIn({ ports: { gmp: 5989 } }, "ports"), { gmp: 5989 });
 * ```
 */
export function mapIn(body: Body, field: string): Body {
  const value = body[field];
  if (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  ) {
    return value as Body;
  }
  throw wrong(body, field, "a map");
}

/**
 * The list in `field`, each of its items passing `check`.
 *
 * @throws {GhostError} `BAD_REQUEST` otherwise.
 *
 * @example
 * ```ts
 * import { isString, listIn } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * const names: string[] = listIn({ nodes: ["node-1", "node-2"] }, "nodes", "strings", isString);
 * assertEquals(names, ["node-1", "node-2"]);
 * ```
 */
export function listIn<T>(body: Body, field: string, what: string, check: (item: unknown) => item is T): T[] {
  const value = body[field];
  if (Array.isArray(value) && value.every(check)) return value;
  throw wrong(body, field, `a list of ${what}`);
}

/**
 * True for a string; for {@linkcode listIn}.
 *
 * @example
 * ```ts
 * import { isString } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([isString("node-1"), isString(8399)], [true, false]);
 * ```
 */
export function isString(value: unknown): value is string {
  return typeof value === "string";
}

/**
 * True for a map; for {@linkcode listIn}.
 *
 * @example
 * ```ts
 * import { isMap, listIn } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(listIn({ nodes: [{ name: "node-1" }] }, "nodes", "maps", isMap), [{ name: "node-1" }]);
 * ```
 */
export function isMap(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Uint8Array);
}
