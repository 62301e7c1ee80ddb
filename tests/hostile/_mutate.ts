/** Structure-aware mutation: frames that were recorded become frames that nobody should send. */
import { type Body, decodeBody, encodeBody } from "../../gmp/frames/body.ts";
import { DATA_CAP, Flag, Kind, SESSION_CAPS } from "../../gmp/frames/frame.ts";
import { OPERATIONS } from "../../gmp/messages/operations.ts";
import { concat, frameBytes, hex, type Random, type WireFrame } from "../gmp/_wire.ts";

/** A frame whose header may lie about the length of its payload. */
interface Draft extends Omit<WireFrame, "kind"> {
  kind: number;
  length: number;
}

/** Stopping the daemon is what `gpmd.kill` is for, so it is never sent. */
const NUMBERS_OF_OPERATIONS = Object.values(OPERATIONS).filter((number) =>
  number !== OPERATIONS["gpmd.kill"]
);

/** Kinds of frames that may be about a stream, and numbers of streams: none, those of the caller, those of the executor. */
const STREAM_KINDS: ReadonlySet<number> = new Set([Kind.DATA, Kind.ERROR, Kind.CANCEL, Kind.CREDIT]);
const NUMBERS_OF_STREAMS = [0, 1, 2, 3, 0x7fff, 0x8000, 0x8001, 0x8002, 0xffff];

const STRINGS = [
  "",
  ".",
  "..",
  "../secret",
  "a".repeat(64),
  "a".repeat(65),
  "a".repeat(5000),
  "__proto__",
  "constructor",
  "toString",
  "\0",
  "\u001b[2J",
  "\u202e",
  "é",
  "math",
  "counter",
  "v1.0.0",
  "v2.0.0",
  "next",
  "add",
  "_start",
  "memory",
  "bytes",
  "base64",
  "target",
];
const NUMBERS = [
  ...[0, 1, -1, 0.5, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32],
  ...[2 ** 53 - 1, 2 ** 53, -(2 ** 31), -(2 ** 53), NaN, Infinity, -Infinity, -0],
];
/** Payloads that promise more than they have, or are deeper or wider than any message. */
const BOMBS = [
  ...["dfffffffff", "ddffffffff", "81a161ddffffffff", "81a161c6ffffffff", "81a161dbffffffff"].map(hex),
  ...["81a9 5f5f70726f746f5f5f 80", "81d9ff", "c1", "c0", "80", "8080", "81a161c7ff00", "81a161d8ff"].map(
    hex,
  ),
  concat(hex("81a161"), new Uint8Array(40).fill(0x91)),
  concat(...Array<Uint8Array>(40).fill(hex("81a161"))),
  concat(hex("81a161dd00010000"), new Uint8Array(65_536).fill(0x80)),
];

/** How many frames of a kind a stream must have, and where in its bytes each one starts. */
interface Mutants {
  readonly bytes: Uint8Array;
  readonly frames: number;
}

/**
 * `frames` one after the other with some of them mutated, sometimes exchanged, repeated, left out, replaced by one of
 * `strangers`, or with bytes between them that are no frame.
 */
export function mutate(
  random: Random,
  frames: readonly WireFrame[],
  strangers: readonly WireFrame[],
): Mutants {
  const order = [...frames];
  if (random.below(6) === 0) swap(random, order);
  if (random.below(6) === 0) order.splice(random.below(order.length), 0, random.of(order));
  if (random.below(4) === 0) order[random.below(order.length)] = random.of(strangers);
  const parts = order.map((frame) =>
    bytesOf(random.below(5) === 0 ? draftOf(frame) : mutateFrame(random, frame))
  );
  if (random.below(60) === 0) {
    parts.splice(random.below(parts.length + 1), 0, random.bytes(1 + random.below(40)));
  }
  const bytes = concat(...parts);
  if (random.below(60) === 0) flip(random, bytes);
  return {
    bytes: random.below(30) === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes,
    frames: parts.length,
  };
}

function swap(random: Random, order: WireFrame[]): void {
  const [one, other] = [random.below(order.length), random.below(order.length)];
  [order[one], order[other]] = [order[other]!, order[one]!];
}

function draftOf(frame: WireFrame): Draft {
  return { ...frame, payload: frame.payload.slice(), length: -1 };
}

function bytesOf({ kind, flags, operation, id, payload, length }: Draft): Uint8Array {
  return frameBytes(kind, { flags, operation, id, payload, length });
}

function mutateFrame(random: Random, frame: WireFrame): Draft {
  const draft = draftOf(frame);
  // Most mistakes are in payloads: a wrong header ends the connection, and what comes after it is not read.
  const where = random.below(100);
  if (where < 45) mutateBody(random, draft);
  else if (where < 70) mutatePayload(random, draft);
  else if (where < 80) {
    draft.id = random.of([0, 1, draft.id - 1, draft.id + 1, random.below(64), 0xffff_ffff]) >>> 0;
  } else if (where < 90 && draft.kind === Kind.REQUEST) draft.operation = random.of(NUMBERS_OF_OPERATIONS);
  else if (where < 90 && STREAM_KINDS.has(draft.kind)) draft.operation = random.of(NUMBERS_OF_STREAMS);
  else if (where < 94) draft.flags = random.of([0, Flag.MORE, Flag.STDOUT, Flag.STDERR, 7, Flag.PART, 17]);
  else mutateHeader(random, draft);
  return draft;
}

/** What a decoder refuses, mostly. */
function mutateHeader(random: Random, draft: Draft): void {
  switch (random.below(6)) {
    case 0:
      draft.kind = random.below(4) === 0 ? random.below(256) : random.of(Object.values(Kind));
      if (draft.kind !== Kind.REQUEST && !STREAM_KINDS.has(draft.kind)) draft.operation = 0;
      break;
    case 1:
      draft.flags = random.below(256);
      break;
    case 2:
      draft.operation = random.of([0, 6, 99, 255, 0xffff]);
      break;
    case 3:
      draft.length = Math.max(
        0,
        draft.payload.length + random.of([-1, 1, -random.below(20), random.below(20)]),
      );
      break;
    case 4: {
      const cap = SESSION_CAPS[draft.kind] ?? 0;
      draft.length = Math.max(0, random.of([cap, cap + 1, cap - 1, 0xffff_ffff, 0x8000_0000, DATA_CAP]));
      break;
    }
    case 5:
      draft.payload = new Uint8Array(random.of([1 << 8, 1 << 13, 1 << 16]) + random.below(3) - 1);
  }
}

function mutatePayload(random: Random, draft: Draft): void {
  const { payload } = draft;
  switch (random.below(6)) {
    case 0:
      if (payload.length > 0) flip(random, payload);
      break;
    case 1:
      if (payload.length > 0) payload[random.below(payload.length)] = random.of([0, 0x7f, 0x80, 0xc1, 0xff]);
      break;
    case 2:
      draft.payload = payload.slice(0, random.below(payload.length + 1));
      break;
    case 3:
      draft.payload = concat(payload, random.bytes(1 + random.below(16)));
      break;
    case 4:
      draft.payload = random.bytes(random.below(64));
      break;
    case 5:
      draft.payload = random.of(BOMBS);
  }
}

function flip(random: Random, bytes: Uint8Array): void {
  for (let count = 1 + random.below(4); count > 0; count--) {
    bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
  }
}

/** Keeps the payload a map, with another value, a field less, or a field more. */
function mutateBody(random: Random, draft: Draft): void {
  let body: Body;
  try {
    body = decodeBody(draft.payload);
  } catch {
    return mutatePayload(random, draft); // DATA, CALL: no map
  }
  const keys = Object.keys(body);
  const key = keys.length === 0 ? "name" : random.of(keys);
  switch (random.below(8)) {
    case 0:
      delete body[key];
      break;
    case 1:
      body[random.of(STRINGS.filter((name) => name !== "__proto__"))] = anyValue(random, 0);
      break;
    default:
      body[key] = random.below(2) === 0 ? likeValue(random, body[key]) : anyValue(random, 0);
  }
  draft.payload = encodeBody(body);
}

/** Of the type of `value`. */
function likeValue(random: Random, value: unknown): unknown {
  if (typeof value === "string") {
    const at = random.below(value.length + 1);
    return random.of([
      random.of(STRINGS),
      value.slice(0, at),
      value.slice(0, at) + "\0" + value.slice(at),
      value + value,
    ]);
  }
  if (typeof value === "number") return random.of([random.of(NUMBERS), value + 1, value - 1, -value]);
  if (value instanceof Uint8Array) {
    return random.bytes(random.of([0, 1, value.length, value.length + 1, 1000]));
  }
  if (Array.isArray(value)) return random.of([[], [...value, ...value], [value], Array(300).fill("x")]);
  return anyValue(random, 0);
}

function anyValue(random: Random, depth: number): unknown {
  switch (random.below(depth < 10 ? 8 : 4)) {
    case 0:
      return random.of(STRINGS);
    case 1:
      return random.of(NUMBERS);
    case 2:
      return random.of([null, true, false, 0n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n)]);
    case 3:
      return random.bytes(random.of([0, 1, 16, 31, 32, 33, 300]));
    case 4:
    case 5:
      return Array.from({ length: random.below(4) }, () => anyValue(random, depth + 1));
    default:
      return { [random.of(["name", "ticket", "port", "x"])]: anyValue(random, depth + 1) };
  }
}
