import { replaceFile, statIfThere, syncDirectory } from "../../gmp/device/durable.ts";
import { GhostError } from "../../gmp/errors.ts";
import { isDeviceName } from "../../gmp/names.ts";
import type { DaemonEvents } from "../events/daemon_event.ts";
import { storeFault } from "../store/_fault.ts";
import type { DeviceGrants } from "./device_grants.ts";
import type { LinkConnection } from "./link_connection.ts";

/** The file, in the store, of a renaming that has begun and may not be whole. */
const FILE = "renaming.json";
/** Bytes of it at most: two names fit many times over. */
const MAX_FILE_SIZE = 1024;
const FORMAT = 1;

/** A device gets another name. */
interface Renaming {
  readonly from: string;
  readonly to: string;
}

/** What {@linkcode Renames} need. */
interface RenamesOptions {
  /** The directory of the store. */
  readonly home: string;
  /** The link, which keeps the names. */
  readonly link: LinkConnection;
  /** The grants, which go by them. */
  readonly grants: DeviceGrants;
  /** Where events go. */
  readonly events: DaemonEvents;
}

/**
 * Renames devices. The link keeps a device's name and GPMD its grants, and either may end in between: what has begun is in
 * a file until both are done, and is finished, or undone, when the next link serves.
 */
export class Renames {
  readonly #options: RenamesOptions;
  /** Settles when the last one that was asked for is over: there is one file. */
  #tail: Promise<unknown> = Promise.resolve();

  /** None has begun in this process. */
  constructor(options: RenamesOptions) {
    this.#options = options;
  }

  /**
   * Calls the device `from` from now on `to`, with its grants.
   *
   * @throws {GhostError} what the link answers; `LINK_NOT_RUNNING`; `STORE_FAULT`; `CONNECTION_LOST` when the link ends
   * before it answers: then the next one decides.
   */
  rename(from: string, to: string): Promise<void> {
    return this.#inTurn(async () => {
      const { home, link } = this.#options;
      if (!link.running) throw new GhostError("LINK_NOT_RUNNING");
      await write(home, { from, to });
      try {
        await link.ask("device.rename", { device: from, name: to });
      } catch (error) {
        if (GhostError.from(error).code === "CONNECTION_LOST") throw undecided(from, to, error);
        await remove(home);
        throw error;
      }
      await this.#finish({ from, to });
    });
  }

  /** A link serves: finishes what an earlier one has left unfinished. @throws {GhostError} `STORE_FAULT`, `CONNECTION_LOST`. */
  settle(): Promise<void> {
    return this.#inTurn(async () => {
      const { home, link, grants } = this.#options;
      const begun = await read(home);
      if (begun === undefined) return;
      const { devices } = await link.ask("device.list", {});
      const isPaired = (wanted: string) => devices.some(({ name }) => name === wanted);
      if (isPaired(begun.from)) return await remove(home); // it was not renamed
      if (isPaired(begun.to)) {
        // GPMD may have ended after the grants, and before the file.
        return grants.has(begun.from) ? await this.#finish(begun) : await remove(home);
      }
      await grants.removeDevice(begun.from); // it was removed since
      await remove(home);
    });
  }

  async #finish({ from, to }: Renaming): Promise<void> {
    const { home, grants, events } = this.#options;
    await grants.renameDevice(from, to);
    events.emit({ type: "device.renamed", from, to });
    await remove(home);
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const changed = this.#tail.then(change);
    this.#tail = changed.catch(() => {});
    return changed;
  }
}

function undecided(from: string, to: string, cause: unknown): GhostError {
  return new GhostError(
    "CONNECTION_LOST",
    `Cannot say whether "${from}" is called "${to}" now: the link ended before it answered; see: gpmd device list`,
    { cause },
  );
}

/** The renaming in the file; nothing where there is no file. @throws {GhostError} `STORE_FAULT`. */
async function read(home: string): Promise<Renaming | undefined> {
  const path = `${home}/${FILE}`;
  try {
    const info = await statIfThere(path);
    if (info === undefined) return undefined;
    if (!info.isFile || info.size > MAX_FILE_SIZE) throw unusable(path);
    const { format, from, to } = JSON.parse(await Deno.readTextFile(path));
    if (format !== FORMAT || !isDeviceName(from) || !isDeviceName(to)) throw unusable(path);
    return { from, to };
  } catch (error) {
    throw error instanceof SyntaxError ? unusable(path) : storeFault("finish renaming a device", error);
  }
}

async function write(home: string, renaming: Renaming): Promise<void> {
  const text = `${JSON.stringify({ format: FORMAT, ...renaming })}\n`;
  try {
    await replaceFile(home, FILE, new TextEncoder().encode(text), () => {});
  } catch (error) {
    throw storeFault("rename a device", error);
  }
}

/** Removes the file, for good: one that came back would be finished once more. */
async function remove(home: string): Promise<void> {
  try {
    await Deno.remove(`${home}/${FILE}`);
    await syncDirectory(home);
  } catch (error) {
    throw storeFault("rename a device", error);
  }
}

function unusable(path: string): GhostError {
  return new GhostError(
    "STORE_FAULT",
    `Cannot use "${path}": it does not say which device was renamed; remove it`,
  );
}
