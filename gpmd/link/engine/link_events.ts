import type { DeviceDescription } from "../../../gmp/messages/device.ts";

/** What a link tells the process that it is in. */
export interface LinkEvents {
  /**
   * A device has joined by the invitation with that `code`; it was called `formerly` if it was paired before. While this
   * waits, so does the other side; an error undoes the pairing.
   */
  paired?(device: DeviceDescription, code: string, formerly: string | undefined): void | Promise<void>;
  /** There is a connection to `device` now. */
  reachable?(device: string): void;
  /** There is none any more, for the reason `error`. */
  unreachable?(device: string, error: Error | undefined): void;
  /** The device with the key `id` is not paired any more, or was not after all. */
  unpaired?(id: string): void;
  /** The other device has taken this one out of its store, or ends, and says why. */
  left?(device: string, reason: string | undefined): void;
  /**
   * One key answers at two places at once: the home of `device` was copied, or this device's own when that is left out.
   */
  copied?(device: string | undefined): void;
  /**
   * Whether this device needs its link, told at the start and with every change: a device is paired, an invitation is open,
   * or another device is being joined.
   */
  needed?(isNeeded: boolean): void;
  /** A file could not be written, or the port could not be opened. */
  fault?(error: Error): void;
}
