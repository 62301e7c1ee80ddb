import type { HostWorld } from "../component/host.ts";
import { ComponentWasi, type WasiOptions } from "../wasi/mod.ts";
import { makeWasi } from "./make_wasi.ts";

/** What one instance of a component may import. */
interface GuestWorld {
  readonly world: HostWorld;
  /** Ends a wait under way, and all later ones, with `reason`. */
  abort(reason: unknown): void;
  /** Closes what it has open: it runs no more. */
  close(): void;
}

/**
 * The world of a guest with `options`: WASI 0.2 and 0.3.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` for an argument or a variable that no program can be given.
 */
export function guestWorld(options: WasiOptions): GuestWorld {
  const wasi = makeWasi(ComponentWasi, options);
  return {
    world: { interfaces: wasi.interfaces },
    abort: (reason) => wasi.abort(reason),
    close: () => wasi.close(),
  };
}
