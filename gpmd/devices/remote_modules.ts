import { Semaphore } from "../../gmp/async/semaphore.ts";
import { Timer } from "../../gmp/async/timer.ts";
import type { Channel } from "../../gmp/channel/channel.ts";
import { request } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { isDeviceName, writeHash } from "../../gmp/names.ts";
import type { DaemonEvents } from "../events/daemon_event.ts";
import type { FetchedModules, Take } from "../store/fetched_modules.ts";
import type { DeviceReach } from "./device_reach.ts";

/** Bytes that are asked for at a time: what a device sends is never more than a few of these ahead of the disk. */
const PIECE = 1 << 20;
/** Pieces that are asked for ahead: over a way of 20 ms, 8 MB are some 400 MB/s. */
const AHEAD = 8;
/**
 * Milliseconds that one piece may take once those before it are there: half a megabit a second is enough. A link gives a
 * silent connection up after 20 s; a cable that is out comes back.
 */
const PIECE_TIME = 20_000;
/** Milliseconds that a device has to say whether it has a module. */
const HAVE_TIME = 8000;

/** Characters of another device's words that are passed on. */
const LONGEST_WORDS = 300;

/** Modules that are fetched at once for the nodes of one device, which may send them as slowly as it likes: half of all. */
const MAX_FETCHES_FOR_DEVICE = 2;

/** The fetches for one device: those under way, and how many there are with those that wait. */
interface Fetches {
  readonly underWay: Semaphore;
  count: number;
}

/** A module that is wanted by its hash. */
interface WantedModule {
  /** What the caller calls it. */
  readonly name: string;
  /** Its SHA-256. */
  readonly hash: string;
  /** The device that is asked first: that of the caller. */
  readonly device?: string | undefined;
}

/** A device that has the module, and a connection to it. */
interface Found {
  readonly device: string;
  readonly channel: Channel;
  readonly size: number;
}

/** Modules of other devices, by their hash: from the device that asks, and else from any that is connected. */
export class RemoteModules {
  readonly #reach: DeviceReach;
  readonly #fetched: FetchedModules;
  readonly #events: DaemonEvents;
  readonly #pieceTime: number;
  readonly #ofDevices = new Map<string, Fetches>();

  /** Reaches devices by `reach`, and keeps what it gets in `fetched`; `pieceTime` is {@linkcode PIECE_TIME}. */
  constructor(
    reach: DeviceReach,
    fetched: FetchedModules,
    events: DaemonEvents,
    pieceTime: number = PIECE_TIME,
  ) {
    this.#reach = reach;
    this.#fetched = fetched;
    this.#events = events;
    this.#pieceTime = pieceTime;
  }

  /**
   * Gets the module from another device.
   *
   * @throws {GhostError} `MODULE_NOT_FOUND` when no device has it; of the device that was to be asked first, also
   * `NOT_GRANTED`; `HASH_MISMATCH`, `CONNECTION_LOST` and what else ended the last attempt; `STORE_FAULT`.
   */
  async fetch(wanted: WantedModule): Promise<void> {
    const { hash, device } = wanted;
    const fetch = () => this.#fetched.add(hash, (begin) => this.#fetch(wanted, begin));
    // Who waits for one that is coming anyway takes no turn of another's.
    await (device === undefined || this.#fetched.isComing(hash) ? fetch() : this.#inTurn(device, fetch));
  }

  /** Runs `fetch` for `device` once it is its turn among those. */
  async #inTurn(device: string, fetch: () => Promise<void>): Promise<void> {
    const fetches = this.#ofDevices.get(device) ??
      { underWay: new Semaphore(MAX_FETCHES_FOR_DEVICE), count: 0 };
    this.#ofDevices.set(device, fetches);
    fetches.count++;
    try {
      await fetches.underWay.run(fetch);
    } finally {
      if (--fetches.count === 0) this.#ofDevices.delete(device);
    }
  }

  async #fetch(wanted: WantedModule, begin: (size: number) => Take): Promise<void> {
    const { hash, device: first } = wanted;
    const failures: GhostError[] = [];
    const attempt = async ({ device, channel, size }: Found): Promise<boolean> => {
      try {
        await receive({ device, channel, size }, wanted, begin(size), this.#pieceTime);
        this.#events.emit({ type: "module.fetched", hash, size, device });
        return true;
      } catch (error) {
        const failure = GhostError.from(error);
        // No other device helps against a full disk; what is the matter with that one's is another thing.
        if (failure.code === "STORE_FAULT" && failure.details?.device === undefined) throw failure;
        failures.push(failure);
        return false;
      } finally {
        channel.close();
      }
    };
    if (first !== undefined) {
      const found = await this.#ask(first, wanted).catch((error) =>
        void failures.push(GhostError.from(error))
      );
      if (found !== undefined && await attempt(found)) return;
    }
    const others = (await this.#reach.devices()).filter((device) => device !== first);
    const asked = others.map((device) => this.#ask(device, wanted));
    const left = new Set(asked);
    try {
      while (left.size > 0) {
        // Whoever answers first is asked first: the others are let go when one has sent it all.
        const next = await Promise.race(
          Array.from(left, (one) => one.then((found) => ({ one, found }), () => ({ one, found: undefined }))),
        );
        left.delete(next.one);
        if (next.found !== undefined && await attempt(next.found)) return;
      }
    } finally {
      for (const one of left) one.then((found) => found?.channel.close(), () => {});
    }
    throw failures.findLast(({ code }) => code !== "MODULE_NOT_FOUND") ?? notFound(wanted);
  }

  /** The device, if it has the module. @throws {GhostError} why it cannot be asked, or refuses. */
  async #ask(device: string, { name, hash }: WantedModule): Promise<Found | undefined> {
    const channel = await this.#reach.open(device);
    try {
      const wanted = { name, hash, encoding: "none" } as const;
      const { size } = await request(channel, "module.get", wanted, { timeout: HAVE_TIME });
      return { device, channel, size };
    } catch (error) {
      channel.close();
      const failure = GhostError.from(error);
      if (failure.code === "MODULE_NOT_FOUND") return undefined;
      throw saidBy(device, name, failure);
    }
  }
}

/** Asks for the module in pieces, a few ahead, and passes them on in order. */
async function receive(
  { device, channel, size }: Found,
  { name, hash }: WantedModule,
  take: Take,
  pieceTime: number,
): Promise<void> {
  // The first use of new memory costs as much as a copy.
  const spare: Uint8Array[] = [];
  const ask = async (start: number): Promise<Uint8Array> => {
    const piece = (spare.pop() ?? new Uint8Array(Math.min(PIECE, size))).subarray(0, size - start);
    let filled = 0;
    const wanted = { name, hash, encoding: "bytes", start, count: piece.length } as const;
    await request(channel, "module.get", wanted, {
      data: (bytes) => {
        if (filled + bytes.length > piece.length) {
          const failure = new GhostError("BAD_REQUEST", "Cannot fetch: more bytes came than were asked for");
          channel.abort(failure);
          throw failure;
        }
        piece.set(bytes, filled);
        filled += bytes.length;
      },
    }).catch((error) => {
      throw saidBy(device, name, GhostError.from(error));
    });
    return piece.subarray(0, filled);
  };
  const asked: Promise<Uint8Array>[] = [];
  for (let start = 0, taken = 0; taken < size; taken += PIECE) {
    for (; start < size && asked.length < AHEAD; start += PIECE) {
      const piece = ask(start);
      piece.catch(() => {}); // it is looked at in its turn
      asked.push(piece);
    }
    const timer = new Timer(pieceTime, () => channel.abort(tooSlow(pieceTime)));
    const piece = await asked.shift()!.finally(() => timer.cancel());
    await take(piece);
    spare.push(new Uint8Array(piece.buffer));
  }
}

function tooSlow(pieceTime: number): GhostError {
  return new GhostError("CONNECTION_LOST", `Cannot go on: less than ${PIECE} bytes came in ${pieceTime} ms`);
}

function notFound({ name, hash }: WantedModule): GhostError {
  return new GhostError(
    "MODULE_NOT_FOUND",
    `Cannot find module "${name}" ${writeHash(hash)}: neither this device nor any that it reaches has it`,
  );
}

/** What `device` has answered, or how the connection to it ended, said here: its words are quoted, as is a name by which it calls this one. */
function saidBy(device: string, name: string, cause: GhostError): GhostError {
  const { code, message } = cause;
  const cannot = `Cannot fetch module "${name}" from "${device}"`;
  if (code !== "NOT_GRANTED") {
    const words = JSON.stringify(message.slice(0, LONGEST_WORDS));
    return new GhostError(code, `${cannot}: ${words}`, { details: { device }, cause });
  }
  const what = "modules";
  const { subject } = cause.details ?? {};
  const own = isDeviceName(subject) ? { subject } : undefined;
  return new GhostError(
    code,
    `${cannot}: it lets ${own?.subject ?? "this device"} fetch none; to allow it, run on ${device}: ` +
      `gpmd grant ${own?.subject ?? "DEVICE"} ${what}`,
    { details: { ...own, what, device }, cause },
  );
}
