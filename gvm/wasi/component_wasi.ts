import type { HostInterface } from "../component/host.ts";
import { makeContext } from "./components/context.ts";
import type { OpenCount } from "./components/open_count.ts";
import { addInterfaces } from "./components/packages.ts";
import type { WasiOptions } from "./guest/options.ts";
import type { Waits } from "./host/waits.ts";
import { PREVIEW2 } from "./preview2/packages.ts";
import { PREVIEW3 } from "./preview3/packages.ts";

/**
 * WASI 0.2 and 0.3 for one guest, a component, with no host behind them: what `Wasi` gives to a core module, by the same
 * files, streams, clocks and waits. Both versions together have the limits of one, since programs for 0.3 use 0.2 as well.
 */
export class ComponentWasi {
  /** All interfaces by their names with the version, such as `wasi:io/streams@0.2.12`. */
  readonly interfaces: Readonly<Record<string, HostInterface>>;
  readonly #waits: Waits;
  readonly #open: OpenCount;

  /**
   * WASI for a guest with `options`.
   *
   * @throws {TypeError} for an argument or a variable that no program can be given.
   */
  constructor(options: WasiOptions) {
    const context = makeContext(options);
    this.#waits = context.waits;
    this.#open = context.open;
    const interfaces: Record<string, HostInterface> = {};
    addInterfaces(interfaces, PREVIEW2, context);
    addInterfaces(interfaces, PREVIEW3, context);
    this.interfaces = interfaces;
  }

  /**
   * Ends the guest: a wait under way is rejected with `reason`, and so is every later WASI call. This does
   * not stop a guest that computes without calling WASI.
   */
  abort(reason: unknown): void {
    this.#waits.abort(reason);
  }

  /** Closes what the guest has open: it runs no more. */
  close(): void {
    this.#open.closeAll();
  }
}
