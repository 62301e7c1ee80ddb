import { decode, encode } from "@std/msgpack";
import { type BodyFields, BodyWalk } from "./_body_walk.ts";
import { GhostError } from "../errors.ts";

export type { BodyFields } from "./_body_walk.ts";

/** A payload: one MessagePack map with string keys (docs/protocol.md, "Maps"). */
export type Body = Record<string, unknown>;

/** The body as MessagePack bytes; fields that are `undefined` are left out. */
export function encodeBody(body: Body): Uint8Array {
  const present: Record<string, unknown> = {};
  for (const key in body) if (body[key] !== undefined) present[key] = body[key];
  return encode(present as Parameters<typeof encode>[0]);
}

/** A payload that was checked and is well-formed. */
interface CheckedBody {
  /** About how many bytes of memory the decoded body takes; never a great underestimate. */
  readonly cost: number;
  /** The body. It does not refer to the payload. */
  decode(): Body;
}

/**
 * Checks the body in `bytes`, from an untrusted side, before anything is decoded: its depth and number of values, that
 * every map has string keys other than `__proto__`, and that no bytes are left over. If `fields` are named, all others
 * are skipped, neither decoded nor counted, and there may be at most 16,384 values.
 *
 * @throws {GhostError} `BAD_REQUEST` when `bytes` are anything else.
 */
export function checkBody(bytes: Uint8Array, fields?: BodyFields): CheckedBody {
  const walk = new BodyWalk(bytes, fields);
  walk.run();
  return {
    cost: walk.cost,
    decode: () => {
      try {
        return decode(walk.wanted()) as Body;
      } catch (cause) {
        throw new GhostError("BAD_REQUEST", "Cannot read the payload: it is not valid MessagePack", {
          cause,
        });
      }
    },
  };
}

/**
 * The body in `bytes`, checked as by {@linkcode checkBody} and decoded. It does not refer to `bytes`.
 *
 * @throws {GhostError} `BAD_REQUEST` when `bytes` are anything else.
 */
export function decodeBody(bytes: Uint8Array, fields?: BodyFields): Body {
  return checkBody(bytes, fields).decode();
}

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
 */
export function stringIn(body: Body, field: string, longest = 1024): string {
  const value = body[field];
  if (typeof value === "string" && value.length <= longest) return value;
  throw wrong(body, field, `a string of at most ${longest} characters`);
}

/**
 * The bytes in `field`, `length` of them.
 *
 * @throws {GhostError} `BAD_REQUEST` otherwise.
 */
export function bytesIn(body: Body, field: string, length: number): Uint8Array {
  const value = body[field];
  if (value instanceof Uint8Array && value.length === length) return value;
  throw wrong(body, field, `${length} bytes`);
}

/** True for a map. */
export function isMap(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Uint8Array);
}
