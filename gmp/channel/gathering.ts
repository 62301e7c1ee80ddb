import type { Budget } from "../frames/budget.ts";
import { CONNECTION_BUDGET } from "../frames/budget.ts";
import { type Frame, payloadOf } from "../frames/decoder.ts";
import { GhostError } from "../errors.ts";
import { Flag } from "../frames/frame.ts";

/** Bytes of a CALL or RESULT with the DATA that follows it: values of 16 MiB, a handle, and a header extension. */
export const MAX_GATHERED_BYTES: number = (1 << 24) + (1 << 17);
/** Bytes that each costs beside its buffer. */
const COST = 1024;
/** Bytes of the first buffer: those that are longer than a frame are mostly about a megabyte. */
const FIRST = (1 << 20) + (1 << 16);

/** What has come of one of them. */
interface Gathered {
  /** The first frame, without its payload. */
  readonly frame: Pick<Frame, "kind" | "flags" | "operation" | "id">;
  bytes: Uint8Array<ArrayBuffer>;
  length: number;
}

/** The CALLs or RESULTs of one connection that DATA follows, until the last of it has come. */
export class Gathering {
  readonly #budget: Budget;
  readonly #gathered = new Map<number, Gathered>();

  /** None yet; what comes is charged to `budget`. */
  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** Whether more is to come for `id`. */
  has(id: number): boolean {
    return this.#gathered.has(id);
  }

  /**
   * Takes the first frame, which has MORE.
   *
   * @throws {GhostError} `TOO_MANY_REQUESTS` when too much is held for the connection already.
   */
  begin(frame: Frame): void {
    const { kind, flags, operation, id } = frame;
    const first: Gathered = {
      frame: { kind, flags: flags & ~Flag.MORE, operation, id },
      bytes: new Uint8Array(0),
      length: 0,
    };
    this.#charge(COST);
    this.#gathered.set(id, first);
    this.#add(id, first, payloadOf(frame));
  }

  /**
   * Takes DATA for `id`: the whole frame when that was the last of it, which nobody else refers to.
   *
   * @throws {GhostError} `PAYLOAD_TOO_LARGE`, `TOO_MANY_REQUESTS`; what has come is dropped.
   */
  add(id: number, bytes: Uint8Array, more: boolean): Frame | undefined {
    const gathered = this.#gathered.get(id)!;
    this.#add(id, gathered, bytes);
    if (more) return undefined;
    this.drop(id);
    const { frame, length } = gathered;
    const whole = gathered.bytes.subarray(0, length);
    const view = new DataView(whole.buffer, 0, length);
    return { ...frame, bytes: whole, view, start: 0, end: length, isOwned: true };
  }

  /** Forgets what has come for `id`. */
  drop(id: number): void {
    const gathered = this.#gathered.get(id);
    if (gathered === undefined) return;
    this.#gathered.delete(id);
    this.#budget.give(COST + gathered.bytes.length);
  }

  /** Forgets everything: the connection has ended. */
  end(): void {
    for (const id of this.#gathered.keys()) this.drop(id);
  }

  #add(id: number, gathered: Gathered, bytes: Uint8Array): void {
    try {
      this.#makeRoom(gathered, gathered.length + bytes.length);
      gathered.bytes.set(bytes, gathered.length);
      gathered.length += bytes.length;
    } catch (error) {
      this.drop(id);
      throw error;
    }
  }

  #makeRoom(gathered: Gathered, needed: number): void {
    if (needed > MAX_GATHERED_BYTES) {
      throw new GhostError(
        "PAYLOAD_TOO_LARGE",
        `Cannot take the values: they are more than ${MAX_GATHERED_BYTES} bytes`,
      );
    }
    const { bytes } = gathered;
    if (needed <= bytes.length) return;
    const length = Math.min(MAX_GATHERED_BYTES, Math.max(needed, FIRST, 2 * bytes.length));
    this.#charge(length - bytes.length);
    gathered.bytes = new Uint8Array(bytes.buffer.transfer(length));
  }

  #charge(bytes: number): void {
    if (!this.#budget.fits(bytes)) {
      throw new GhostError(
        "TOO_MANY_REQUESTS",
        `Cannot take the values: this connection has ${CONNECTION_BUDGET} bytes held for it`,
      );
    }
    this.#budget.take(bytes);
  }
}
