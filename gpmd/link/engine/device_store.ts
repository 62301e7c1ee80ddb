import { Timer } from "../../../gmp/async/timer.ts";
import { replaceFile, statIfThere } from "../../../gmp/device/durable.ts";
import { checkStoreFile } from "../../../gmp/device/secret.ts";
import { TICKET_TIME } from "../../../gmp/handshake/tickets.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { isName } from "../../../gmp/names.ts";
import { systemFault } from "../../../gmp/system_fault.ts";
import { MAX_ADDRESSES, parseDeviceAddress } from "../../../gmp/device/device_address.ts";

/** Devices paired with this one at most: each has a connection that is kept up, and GPMD gets all of them in one reply. */
export const MAX_DEVICES = 256;
/** Bytes of the file of devices at most: as many with all their addresses fit many times over. */
const MAX_STORE_SIZE = 1 << 21;
/** Milliseconds after which what other devices say of themselves is written: they may say it as often as they please. */
const NOTE_TIME = 2000;
/** The number of the file's format. */
const FORMAT = 1;
const FILE = "devices.json";

/** A paired device as it is stored. */
export interface StoredDevice {
  /** This device's word for it. */
  readonly name: string;
  /** Its key's fingerprint: libp2p's peer id. */
  readonly id: string;
  /** Where it was last known to listen. */
  readonly addresses: readonly string[];
  /** When it was paired, in ISO 8601, UTC. */
  readonly since: string;
  /** When it was last connected, in ISO 8601, UTC. */
  readonly lastSeen?: string | undefined;
}

/** The devices that are paired with this one, in the file `devices.json`, which is replaced whole and durably. */
export class DeviceStore {
  readonly #directory: string;
  readonly #byId: Map<string, StoredDevice>;
  readonly #now: () => number;
  /** Names that devices had, and until when they are nobody else's. */
  readonly #freed = new Map<string, { readonly id: string; readonly until: number }>();
  #writing: Promise<void> = Promise.resolve();
  /** The write that has not begun, which takes with it whatever changes until then. */
  #next: { readonly undo: (() => void)[]; readonly saved: Promise<void> } | undefined;
  #noting: Timer | undefined;

  private constructor(directory: string, devices: readonly StoredDevice[], now: () => number) {
    this.#now = now;
    this.#directory = directory;
    this.#byId = new Map(devices.map((device) => [device.id, device]));
  }

  /**
   * Reads the file in `directory`; without one there are no devices. `now` is a monotonic clock, in milliseconds.
   *
   * @throws {GhostError} `STORE_FAULT` when it cannot be read, is another user's or open to others, or is not of this
   * form.
   */
  static async open(directory: string, now: () => number = () => performance.now()): Promise<DeviceStore> {
    const path = `${directory}/${FILE}`;
    try {
      if (await statIfThere(path) === undefined) return new DeviceStore(directory, [], now);
      const { size } = await checkStoreFile(directory, path, Deno);
      if (size > MAX_STORE_SIZE) throw unreadable(path, `it has more than ${MAX_STORE_SIZE} bytes`);
      return new DeviceStore(directory, parse(await Deno.readTextFile(path), path), now);
    } catch (error) {
      throw systemFault("STORE_FAULT", `read the paired devices "${path}"`, error);
    }
  }

  /** All of them by name. */
  get all(): StoredDevice[] {
    return [...this.#byId.values()].sort((one, other) => one.name < other.name ? -1 : 1);
  }

  /** How many there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** The device with the key `id`. */
  get(id: string): StoredDevice | undefined {
    return this.#byId.get(id);
  }

  /** The device called `name`. @throws {GhostError} `DEVICE_NOT_FOUND`. */
  named(name: string): StoredDevice {
    for (const device of this.#byId.values()) if (device.name === name) return device;
    throw new GhostError(
      "DEVICE_NOT_FOUND",
      `Cannot find device ${JSON.stringify(name.slice(0, 80))}: it is not paired`,
    );
  }

  /**
   * Whether another device than that with the key `id` is called `name`, or was until a moment ago: a node may still let it
   * in by that name, which nobody else must have then.
   */
  isTaken(name: string, id: string): boolean {
    for (const device of this.#byId.values()) if (device.name === name && device.id !== id) return true;
    const freed = this.#freed.get(name);
    return freed !== undefined && freed.id !== id && this.#now() < freed.until;
  }

  /**
   * Adds `device`, or replaces what is known of it.
   *
   * @throws {GhostError} `NAME_TAKEN`; `RESOURCE_EXHAUSTED` when there is no room for one more; `STORE_FAULT`.
   */
  async put(device: StoredDevice): Promise<void> {
    const { name, id } = device;
    if (this.isTaken(name, id)) {
      throw new GhostError(
        "NAME_TAKEN",
        `Cannot call the device "${name}": another paired device has that name, or had it within ${
          TICKET_TIME / 1000
        } seconds`,
      );
    }
    if (!this.#byId.has(id) && this.#byId.size >= MAX_DEVICES) {
      throw new GhostError("RESOURCE_EXHAUSTED", `Cannot pair: ${MAX_DEVICES} devices are paired already`);
    }
    const before = this.#byId.get(device.id);
    this.#byId.set(device.id, device);
    if (before !== undefined && before.name !== name) this.#free(before);
    await this.#save(() => {
      if (this.#byId.get(device.id)?.name !== device.name) return; // it has changed again
      if (before === undefined) this.#byId.delete(device.id);
      else this.#byId.set(device.id, before);
    });
  }

  /** Removes the device with the key `id`; it is gone at once. @throws {GhostError} `STORE_FAULT`. */
  async delete(id: string): Promise<void> {
    // One that cannot be taken out of the file is out of the gate all the same, until the next start.
    if (this.#byId.delete(id)) await this.#save(() => {});
  }

  /**
   * Changes what is known of the device with the key `id`, if there is one, and writes that within {@linkcode NOTE_TIME}:
   * it may be lost in a crash, and a failure is told to `failed`.
   */
  note(
    id: string,
    change: Pick<Partial<StoredDevice>, "addresses" | "lastSeen">,
    failed: (error: Error) => void,
  ): void {
    const known = this.#byId.get(id);
    if (known === undefined) return;
    this.#byId.set(id, { ...known, ...change });
    this.#noting ??= new Timer(NOTE_TIME, () => this.#writeNotes().catch(failed));
  }

  /** Resolves when all that was changed has been written. */
  async written(): Promise<void> {
    if (this.#noting !== undefined) await this.#writeNotes().catch(() => {});
    await this.#writing;
  }

  #free({ name, id }: StoredDevice): void {
    const now = this.#now();
    for (const [old, { until }] of this.#freed) if (until <= now) this.#freed.delete(old);
    this.#freed.set(name, { id, until: now + TICKET_TIME });
  }

  #writeNotes(): Promise<void> {
    this.#noting?.cancel();
    this.#noting = undefined;
    return this.#save(() => {});
  }

  /** Writes all of them. Whatever changes before a write begins is part of it. */
  #save(undo: () => void): Promise<void> {
    if (this.#next !== undefined) {
      this.#next.undo.push(undo);
      return this.#next.saved;
    }
    const undos = [undo];
    const saved = this.#writing.then(async () => {
      this.#next = undefined;
      const text = `${JSON.stringify({ format: FORMAT, devices: this.all }, undefined, 2)}\n`;
      try {
        await replaceFile(this.#directory, FILE, new TextEncoder().encode(text), () => {});
      } catch (error) {
        for (const undo of undos.toReversed()) undo();
        throw systemFault("STORE_FAULT", `write the paired devices "${this.#directory}/${FILE}"`, error);
      }
    });
    this.#next = { undo: undos, saved };
    this.#writing = saved.catch(() => {});
    return saved;
  }
}

function parse(text: string, path: string): StoredDevice[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable(path, "it is not JSON");
  }
  const { format, devices } = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  if (format !== FORMAT) throw unreadable(path, `it is not of format ${FORMAT}`);
  const isRight = Array.isArray(devices) && devices.length <= MAX_DEVICES && devices.every(isStored) &&
    new Set(devices.map(({ name }) => name)).size === devices.length;
  if (!isRight) throw unreadable(path, "it is not a list of devices with names of their own");
  return devices as StoredDevice[];
}

function isStored(value: unknown): value is StoredDevice {
  if (typeof value !== "object" || value === null) return false;
  const { name, id, addresses, since, lastSeen } = value as Record<string, unknown>;
  return isName(name) && isText(id) && isText(since) && (lastSeen === undefined || isText(lastSeen)) &&
    Array.isArray(addresses) && addresses.length <= MAX_ADDRESSES &&
    addresses.every((address) => isText(address) && parseDeviceAddress(address) !== undefined);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= 128;
}

function unreadable(path: string, reason: string): GhostError {
  return new GhostError("STORE_FAULT", `Cannot use "${path}": ${reason}`);
}
