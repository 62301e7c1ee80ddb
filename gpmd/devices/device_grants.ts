import type { Identity } from "../../gmp/handshake/identity.ts";
import type { OperationName } from "../../gmp/messages/operations.ts";

/** What a device needs to be granted for a command: to look, to change something, or to fetch modules by their hash. */
type CommandGrant = "commands" | "manage" | "modules";

/** What a device may do after a change. */
interface DeviceChange {
  /** What it is granted. */
  readonly grants: readonly { readonly what: string }[];
}

/** What other devices may do here, as far as pairing and commands need to know and change it. */
export interface DeviceGrants {
  /** Grants `device`, which was just paired, `what` and nothing else, by default what is usual; nothing by the name that it had. */
  addDevice(device: string, what?: readonly string[], formerly?: string): Promise<DeviceChange>;
  /** What `from` had is `to`'s from now on. */
  renameDevice(from: string, to: string): Promise<unknown>;
  /** Whether anything is granted to `device` or its nodes. */
  has(device: string): boolean;
  /** Revokes all from `device`. */
  removeDevice(device: string): Promise<unknown>;
  /** Whether `caller` has that grant. */
  allows(caller: Identity, grant: CommandGrant): boolean;
}

/** The grant that a command needs from another device; an operation that is not here is never for other devices. */
export const COMMAND_GRANTS: Readonly<Partial<Record<OperationName, CommandGrant>>> = {
  "gpmd.status": "commands",
  "gpmd.nodes": "commands",
  "module.get": "modules",
  "module.list": "commands",
  "module.info": "commands",
  "module.put": "manage",
  "module.remove": "manage",
  "gpmd.kill": "manage",
};
