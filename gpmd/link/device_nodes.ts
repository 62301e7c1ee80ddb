import { pause } from "../../gmp/async/pause.ts";
import { GhostError } from "../../gmp/errors.ts";
import { isName } from "../../gmp/names.ts";

/** Milliseconds between two questions to one device: each may make all nodes of this device look again. */
const ASK_INTERVAL = 500;
/** Names of one device's nodes that are told to others, and known of others, at most. */
const MAX_NAMES_OF_DEVICE = 1000;
/** Names of other devices' nodes that GPMD gets at most, in one reply of 256 KiB. */
const MAX_REMOTE_NAMES = 3000;

/** Those of `names`, which this device's nodes have, that other devices are told: more would not fit into a REPLY. */
export function toldNames(names: readonly string[]): string[] {
  return names.slice(0, MAX_NAMES_OF_DEVICE);
}

/** The names of one device's nodes, by this device's word for it. */
interface NodesOfDevice {
  readonly device: string;
  readonly names: string[];
}

/** The nodes of other devices, as those have told: asked for once, and again whenever they are others. */
export class DeviceNodes {
  readonly #names = new Map<string, readonly string[]>();
  /** Devices that are being asked, and whether their nodes have changed meanwhile. */
  readonly #asking = new Map<string, { again: boolean; readonly gone: AbortController }>();
  readonly #ask: (id: string) => Promise<readonly string[]>;
  readonly #changed: () => void;

  /** None yet. `ask` asks the device with that id; `changed` is called when the names are others. */
  constructor(ask: (id: string) => Promise<readonly string[]>, changed: () => void) {
    this.#ask = ask;
    this.#changed = changed;
  }

  /** The names of the nodes of `devices`, at most {@linkcode MAX_REMOTE_NAMES} of all together. */
  of(devices: readonly { readonly id: string; readonly name: string }[]): NodesOfDevice[] {
    let left = MAX_REMOTE_NAMES;
    return devices.map(({ id, name: device }) => {
      const names = this.#names.get(id)?.slice(0, left) ?? [];
      left -= names.length;
      return { device, names };
    });
  }

  /** The device can be reached, or says that its nodes are others. */
  async refresh(id: string): Promise<void> {
    const asking = this.#asking.get(id);
    if (asking !== undefined) return void (asking.again = true);
    const state = { again: true, gone: new AbortController() };
    this.#asking.set(id, state);
    try {
      while (state.again) {
        state.again = false;
        const names = await this.#namesOf(id);
        if (this.#asking.get(id) !== state) return; // it has gone
        if (names !== undefined) this.#set(id, names);
        await pause(ASK_INTERVAL, state.gone.signal);
      }
    } finally {
      if (this.#asking.get(id) === state) this.#asking.delete(id);
    }
  }

  /** What the device says; nothing when it does not answer: it will say when its nodes are others, or is reached anew. */
  async #namesOf(id: string): Promise<readonly string[] | undefined> {
    try {
      return (await this.#ask(id)).filter(isName).slice(0, MAX_NAMES_OF_DEVICE);
    } catch (error) {
      if (!(error instanceof GhostError)) throw error;
      return undefined;
    }
  }

  #set(id: string, names: readonly string[]): void {
    const known = this.#names.get(id);
    this.#names.set(id, names);
    if (known?.join() !== names.join()) this.#changed();
  }

  /** The device cannot be reached any more. */
  forget(id: string): void {
    this.#asking.get(id)?.gone.abort();
    this.#asking.delete(id);
    this.#names.delete(id);
    this.#changed();
  }
}
