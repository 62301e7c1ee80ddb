/**
 * The shape of GMP on the wire (docs/protocol.md, "Preface and frames"): a preface of four bytes, then frames of a
 * 12-byte header and a payload, little-endian throughout.
 */

/** The version of the protocol. */
export const GMP_VERSION = 2;

/** The four bytes a connecting side sends first: "GMP" and the version. */
export const PREFACE: Readonly<Uint8Array> = Uint8Array.of(0x47, 0x4d, 0x50, GMP_VERSION);

/** Bytes of a frame's header: length u32, kind u8, flags u8, operation or stream u16, id u32. */
export const HEADER_BYTES = 12;

/** The kinds of frames. */
export const Kind = {
  CHALLENGE: 1,
  PROOF: 2,
  WELCOME: 3,
  REQUEST: 4,
  REPLY: 5,
  ERROR: 6,
  DATA: 7,
  CALL: 8,
  RESULT: 9,
  CANCEL: 10,
  NOTICE: 11,
  PING: 12,
  PONG: 13,
  GOODBYE: 14,
  CREDIT: 15,
} as const;
/** One of the kinds of frames, as a number from 1 to 15. */
export type Kind = typeof Kind[keyof typeof Kind];

/** The highest kind there is. */
export const LAST_KIND = 15;

/** The flags of a frame, a bit mask. */
export const Flag = {
  /** More DATA follows under this id. */
  MORE: 1,
  /** DATA written to standard output. */
  STDOUT: 2,
  /** DATA written to standard error. */
  STDERR: 4,
  /** A CALL begins with a map, a header extension. */
  EXTENDED: 8,
  /** DATA of a stream that ends within an element, which the next goes on with. */
  PART: 16,
} as const;

/** All flags together. */
export const ALL_FLAGS = 31;

/** Greatest payload before WELCOME, in bytes: room for two nonces and a MAC, but not to waste memory. */
export const HANDSHAKE_CAP = 1024;

/** Greatest payload of a DATA frame, in bytes: large enough for throughput, small enough to share a connection. */
export const DATA_CAP = 1 << 20;

/** Greatest payload of each kind, in bytes, indexed by kind; a kind with -1 is not accepted. */
export type PayloadCaps = readonly number[];

/** Caps during the handshake: three kinds and an error, each of 1 KiB. */
export const HANDSHAKE_CAPS: PayloadCaps = capsOf({
  [Kind.CHALLENGE]: HANDSHAKE_CAP,
  [Kind.PROOF]: HANDSHAKE_CAP,
  [Kind.WELCOME]: HANDSHAKE_CAP,
  [Kind.ERROR]: HANDSHAKE_CAP,
});

/** Caps of an authenticated connection; {@linkcode LARGE_REPLY_CAPS} differs in REPLY only. */
export const SESSION_CAPS: PayloadCaps = capsOf({
  [Kind.REQUEST]: 1 << 18, // an argv of the usual limit, 128 KiB, and the map around it
  [Kind.REPLY]: 1 << 18, // a signature of 1,000 parameters and 1,000 results is 8 KiB
  [Kind.ERROR]: 1 << 14, // a sentence and a few details
  [Kind.DATA]: DATA_CAP,
  [Kind.CALL]: 1 << 18, // 1,000 numbers are 8 KiB; larger values go on as DATA
  [Kind.RESULT]: 1 << 18,
  [Kind.CANCEL]: 1 << 8,
  [Kind.NOTICE]: 1 << 12,
  [Kind.PING]: 1 << 8,
  [Kind.PONG]: 1 << 8,
  [Kind.GOODBYE]: 1 << 8,
  [Kind.CREDIT]: 1 << 8,
});

/** Bytes of the largest REPLY that a client of GPMD accepts: a base64 module of 24 MiB, or a list of 10,000 nodes. */
export const LARGE_REPLY_CAP: number = 1 << 25;

/** Caps of a connection to GPMD, whose replies carry base64 modules and long lists. */
export const LARGE_REPLY_CAPS: PayloadCaps = SESSION_CAPS.map((cap, kind) =>
  kind === Kind.REPLY ? LARGE_REPLY_CAP : cap
);

function capsOf(caps: Partial<Record<Kind, number>>): PayloadCaps {
  return Array.from({ length: LAST_KIND + 1 }, (_, kind) => caps[kind as Kind] ?? -1);
}

/** Writes a frame's header of {@linkcode HEADER_BYTES} at `offset`; `length` is the payload's, in bytes. */
export function writeHeader(
  view: DataView,
  offset: number,
  length: number,
  kind: Kind,
  flags: number,
  operation: number,
  id: number,
): void {
  view.setUint32(offset, length, true);
  view.setUint32(offset + 4, kind | flags << 8 | operation << 16, true);
  view.setUint32(offset + 8, id, true);
}
