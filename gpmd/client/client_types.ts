import type { AbortOptions } from "../../gmp/abort_options.ts";
import type { GivenSettings } from "../../gmp/device/settings.ts";
import type { DeviceDescription, LinkSettings } from "../../gmp/messages/device.ts";
import type { Grant } from "../../gmp/messages/grants.ts";

/** What a change of grants has led to. */
export interface ChangedGrants {
  /** What is granted to the subject now. */
  readonly grants: readonly Grant[];
  /** Names of nodes that have not confirmed the change within 2 seconds, and may go by what was granted before. */
  readonly unconfirmed: readonly string[];
}

/** How a {@linkcode GpmdClient} connects; everything has a default. */
export interface GpmdClientOptions extends Pick<GivenSettings, "home" | "commandPort">, AbortOptions {
  /** The secret of the store, read from `home` by default. */
  secret?: Uint8Array;
  /** A paired device: its GPMD then answers, as far as it grants that; this device's by default. */
  device?: string | undefined;
}

/** How a device is invited. */
export interface InviteOptions extends AbortOptions {
  /** Milliseconds that the code is good. */
  readonly lifetime: number;
  /** What the device will be granted here, as in `gpmd grant`; by default `*`, `ship` and `modules`. */
  readonly grants?: readonly string[] | undefined;
}

/** An invitation for one device. */
export interface Invitation {
  /** The code to join with. */
  readonly code: string;
  /** Where this device listens. */
  readonly addresses: readonly string[];
  /** When the code is good no longer, in ISO 8601, UTC. */
  readonly expiresAt: string;
}

/** How a device is joined. */
export interface JoinOptions extends AbortOptions {
  /** What it is called here; by default, what it calls itself. */
  readonly name?: string | undefined;
  /** What this device would be called there. */
  readonly as?: string | undefined;
  /** What it is granted here; as in {@linkcode InviteOptions}. */
  readonly grants?: readonly string[] | undefined;
}

/** A device that was just joined. */
export interface JoinedDevice extends DeviceDescription {
  /** What it is granted here. */
  readonly grants: readonly string[];
}

/** The link of this device. */
export interface LinkState extends LinkSettings {
  /** Whether it runs. */
  readonly running: boolean;
  /** Whether this device carries connections between its paired devices that cannot reach each other. */
  readonly relay: boolean;
}
