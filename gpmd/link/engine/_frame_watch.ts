import { Rate } from "./rate.ts";

/** Bytes of a frame of data: yamux keeps all of it until it is whole. No window of ours lets more come at once. */
const LARGEST_FRAME = 1 << 22;
/** Streams that one connection may open in a second, and at once, those that never say their protocol among them. */
const OPENING_RATE = 100;
const MAX_OPENING_BURST = 2048;
/** Pings of yamux that one connection may send in a second, and at once: each is answered. Ours are 30 seconds apart. */
const PING_RATE = 1;
const MAX_PING_BURST = 16;

// yamux (github.com/hashicorp/yamux, its specification): a header of version, type, flags, stream and length, then the data.
const HEADER_SIZE = 12;
const DATA = 0;
const WINDOW_UPDATE = 1;
const PING = 2;
const SYN = 1;

/** Watches the frames of yamux that come on one connection, for what yamux itself sets no bounds to. */
export class FrameWatch {
  readonly #header = new DataView(new ArrayBuffer(HEADER_SIZE));
  #filled = 0;
  /** Bytes of data that are still to come before the next header. */
  #left = 0;
  readonly #openings: Rate;
  readonly #pings: Rate;

  /** Streams that were opened so far. */
  opened = 0;

  /** Nothing has come yet; `now` is a monotonic clock, in milliseconds. */
  constructor(now?: () => number) {
    this.#openings = new Rate(OPENING_RATE, MAX_OPENING_BURST, now);
    this.#pings = new Rate(PING_RATE, MAX_PING_BURST, now);
  }

  /** Takes what has come. @throws {Error} when the other side may not go on. */
  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, bytes.length - at);
        this.#left -= passed;
        at += passed;
        continue;
      }
      this.#header.setUint8(this.#filled++, bytes[at++]!);
      if (this.#filled < HEADER_SIZE) continue;
      this.#filled = 0;
      this.#left = this.#check(
        this.#header.getUint8(1),
        this.#header.getUint16(2),
        this.#header.getUint32(8),
      );
    }
  }

  /** The bytes that follow a header; what is wrong with it otherwise is for yamux to say. */
  #check(type: number, flags: number, length: number): number {
    if (type === PING) {
      if ((flags & SYN) !== 0 && !this.#pings.allows()) throw new Error("Too many pings came");
      return 0;
    }
    if (type !== DATA && type !== WINDOW_UPDATE) return 0;
    if ((flags & SYN) !== 0) {
      this.opened++;
      if (!this.#openings.allows()) throw new Error("Too many streams were opened");
    }
    if (type !== DATA) return 0;
    if (length > LARGEST_FRAME) throw new Error(`A frame has ${length} bytes`);
    return length;
  }
}
