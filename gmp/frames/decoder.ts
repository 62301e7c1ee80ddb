import { GhostError } from "../errors.ts";
import {
  ALL_FLAGS,
  Flag,
  GMP_VERSION,
  HEADER_BYTES,
  Kind,
  LAST_KIND,
  type PayloadCaps,
  PREFACE,
} from "./frame.ts";

/**
 * A decoded frame. A decoder uses one object for all its frames: it and the bytes that it points to are valid until the
 * next call of `next` or `push`.
 */
export interface Frame {
  /** The kind, one of `Kind`. */
  kind: Kind;
  /** Bit mask of `Flag`. */
  flags: number;
  /** The operation of a REQUEST; the number of a stream in DATA, ERROR, CANCEL and CREDIT, 0 if it is about none; 0 elsewhere. */
  operation: number;
  /** Pairs answers with requests. */
  id: number;
  /** The bytes that hold the payload, from `start` to `end`. */
  bytes: Uint8Array;
  /** A view of `bytes`, with the same offsets. */
  view: DataView;
  /** Where the payload starts in `bytes` and `view`. */
  start: number;
  /** Where the payload ends. */
  end: number;
  /** True when the bytes are this frame's alone and stay valid: it is a CALL or RESULT that DATA has followed. */
  isOwned: boolean;
}

/**
 * The payload of `frame`, not copied.
 *
 * @example
 * ```ts
 * import { type ChannelOptions, Kind, payloadOf } from "@ghost/network/gmp";
 *
 * // Answers each CALL with its arguments, which come after the handle.
 * const options: ChannelOptions = {
 *   call: (frame, channel) =>
 *     channel.outbox.append(Kind.RESULT, 0, 0, frame.id, payloadOf(frame).subarray(4)),
 * };
 * ```
 */
export function payloadOf(frame: Frame): Uint8Array {
  return frame.bytes.subarray(frame.start, frame.end);
}

/**
 * The first bytes were not GMP's preface: the connection is closed without an answer.
 *
 * @example
 * ```ts
 * import {
 *   acceptHandshake,
 *   memoryPair,
 *   newKey,
 *   NotGmpError,
 *   secretCredential,
 *   SESSION_CAPS,
 * } from "@ghost/network/gmp";
 * import { assertRejects } from "@std/assert";
 *
 * const [browser, transport] = memoryPair();
 * await browser.write(new TextEncoder().encode("GET / HTTP/1.1"));
 * const credential = secretCredential(newKey(), "Ada");
 * const options = { audience: "gpmd/nodes", software: "example 1.0.0", port: 0, credential, caps: SESSION_CAPS } as const;
 * await assertRejects(() => acceptHandshake(transport, options), NotGmpError);
 * ```
 */
export class NotGmpError extends GhostError {
  /** Makes the error. */
  constructor() {
    super("BAD_REQUEST", "Cannot read the connection: its first bytes are not the preface of GMP");
  }
}

const EMPTY = new Uint8Array(0);
const EMPTY_VIEW = new DataView(EMPTY.buffer);
/** Whether a frame of the kind may have an operation, or the number of a stream. */
const NUMBERED: readonly boolean[] = Array.from(
  { length: LAST_KIND + 1 },
  (_, kind) => [Kind.REQUEST, Kind.DATA, Kind.ERROR, Kind.CANCEL, Kind.CREDIT].some((one) => one === kind),
);
/** Smallest buffer for a part of a frame, in bytes. */
const SMALLEST_HOLD = 256;
/** Largest buffer that is kept between frames, in bytes, so that a large frame does not take its memory for good. */
const LARGEST_IDLE_HOLD = 1 << 16;

/**
 * Splits bytes into frames (docs/protocol.md, "Preface and frames"), whatever pieces they come in. It is pure: bytes
 * in, frames out. It checks a length against the cap of its kind before it buffers anything.
 */
export class FrameDecoder {
  /** Caps in force; raised when the handshake is over. */
  caps: PayloadCaps;
  #prefacePending: number;
  #bytes: Uint8Array = EMPTY;
  #view: DataView = EMPTY_VIEW;
  #position = 0;
  #end = 0;
  /** Holds a copy of an unfinished frame; empty as long as every frame came whole. */
  #hold: Uint8Array = EMPTY;
  readonly #frame: Frame = {
    kind: Kind.PING,
    flags: 0,
    operation: 0,
    id: 0,
    bytes: EMPTY,
    view: EMPTY_VIEW,
    start: 0,
    end: 0,
    isOwned: false,
  };

  /** With `preface`, the decoder expects the preface first, as the accepting side does. */
  constructor(caps: PayloadCaps, preface: boolean) {
    this.caps = caps;
    this.#prefacePending = preface ? PREFACE.length : 0;
  }

  /** Bytes that wait for the rest of their frame. */
  get held(): number {
    return this.#end - this.#position;
  }

  /** Bytes of the buffer that holds them. */
  get capacity(): number {
    return this.#hold.length;
  }

  /**
   * Takes the next bytes of the stream, the first `count` of `chunk`. They are not copied unless a frame is unfinished
   * when `next` has no more.
   */
  push(chunk: Uint8Array, count: number = chunk.length): void {
    const rest = this.held;
    if (rest === 0) {
      if (this.#hold.length > LARGEST_IDLE_HOLD) this.#hold = EMPTY;
      this.#look(chunk, 0, count);
      return;
    }
    const needed = rest + count;
    // The buffer may have consumed frames before the position: reuse their room, or take a larger buffer.
    const hold = needed <= this.#hold.length ? this.#hold : new Uint8Array(Math.max(needed, SMALLEST_HOLD));
    // Bytes already at its start stay there: a large frame in small pieces must not be moved once for each piece.
    if (hold !== this.#bytes || this.#position > 0) {
      hold.set(this.#bytes.subarray(this.#position, this.#end), 0);
    }
    hold.set(count === chunk.length ? chunk : chunk.subarray(0, count), rest);
    this.#hold = hold;
    this.#look(hold, 0, needed);
  }

  /**
   * The next whole frame, or `undefined` when more bytes are needed.
   *
   * @throws {NotGmpError} when the stream does not start with the preface of any version.
   * @throws {GhostError} `BAD_REQUEST` when it starts with that of another version; `PAYLOAD_TOO_LARGE` or
   * `BAD_REQUEST` for a malformed header; the stream is then unusable.
   */
  next(): Frame | undefined {
    if (this.#prefacePending > 0 && !this.#readPreface()) return undefined;
    const position = this.#position;
    const available = this.#end - position;
    if (available < HEADER_BYTES) return this.#wait(HEADER_BYTES);
    const view = this.#view;
    const length = view.getUint32(position, true);
    const word = view.getUint32(position + 4, true);
    const kind = word & 0xff;
    const flags = word >>> 8 & 0xff;
    const operation = word >>> 16;
    this.#check(kind, flags, operation, length);
    if (available < HEADER_BYTES + length) return this.#wait(HEADER_BYTES + length);
    const frame = this.#frame;
    frame.kind = kind as Kind;
    frame.flags = flags;
    frame.operation = operation;
    frame.id = view.getUint32(position + 8, true);
    frame.bytes = this.#bytes;
    frame.view = view;
    frame.start = position + HEADER_BYTES;
    frame.end = this.#position = frame.start + length;
    return frame;
  }

  #check(kind: number, flags: number, operation: number, length: number): void {
    if (kind === 0 || kind > LAST_KIND) throw malformed(`its kind is ${kind}`);
    const cap = this.caps[kind]!;
    if (cap < 0) throw malformed(`kind ${kind} is not allowed now`);
    if (length > cap) {
      throw new GhostError(
        "PAYLOAD_TOO_LARGE",
        `Cannot read a frame of kind ${kind}: its payload of ${length} bytes is larger than ${cap}`,
      );
    }
    if ((flags & ~ALL_FLAGS) !== 0) throw malformed(`its flags are ${flags}`);
    if ((flags & Flag.EXTENDED) !== 0 && kind !== Kind.CALL) throw malformed(`kind ${kind} has an extension`);
    if ((flags & Flag.PART) !== 0 && (kind !== Kind.DATA || operation === 0)) {
      throw malformed("it has a part of an element, and is no DATA of a stream");
    }
    if (operation !== 0 && !NUMBERED[kind]) throw malformed(`kind ${kind} has an operation`);
  }

  #readPreface(): boolean {
    while (this.#prefacePending > 0 && this.#position < this.#end) {
      const expected = PREFACE[PREFACE.length - this.#prefacePending];
      const byte = this.#bytes[this.#position]!;
      if (byte !== expected) throw this.#prefacePending === 1 ? otherVersion(byte) : new NotGmpError();
      this.#position++;
      this.#prefacePending--;
    }
    return this.#prefacePending === 0;
  }

  /** Keeps what is there until `needed` bytes, already checked against the cap, have come. */
  #wait(needed: number): undefined {
    const rest = this.held;
    if (rest === 0) return undefined;
    if (this.#bytes === this.#hold && this.#hold.length - this.#position >= needed) return undefined;
    const hold = needed <= this.#hold.length ? this.#hold : new Uint8Array(Math.max(needed, SMALLEST_HOLD));
    hold.set(this.#bytes.subarray(this.#position, this.#end), 0);
    this.#hold = hold;
    this.#look(hold, 0, rest);
    return undefined;
  }

  #look(bytes: Uint8Array, position: number, end: number): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.#position = position;
    this.#end = end;
  }
}

/** Worded for people on either side: it is sent to the one that connected. */
function otherVersion(version: number): GhostError {
  return new GhostError(
    "BAD_REQUEST",
    `Cannot connect: one side speaks GMP ${version} and the other GMP ${GMP_VERSION}; upgrade the older one`,
  );
}

function malformed(reason: string): GhostError {
  return new GhostError("BAD_REQUEST", `Cannot read a frame: ${reason}`);
}
