import { GhostError } from "../../gmp/errors.ts";
import { parseNodeAddress } from "../../gmp/names.ts";

/** Nodes of one device that may connect to one node: each has a session here, and is what that device says it is. */
const MAX_PEERS_OF_DEVICE = 256;

/**
 * Checks that one more node of `device` may connect, where the nodes `names` are connected or about to be.
 *
 * @throws {GhostError} `TOO_MANY_CONNECTIONS`.
 */
export function checkPeersOf(device: string, names: Iterable<string>): void {
  let count = 0;
  for (const name of new Set(names)) if (parseNodeAddress(name).device === device) count++;
  if (count < MAX_PEERS_OF_DEVICE) return;
  throw new GhostError(
    "TOO_MANY_CONNECTIONS",
    `Cannot connect: ${MAX_PEERS_OF_DEVICE} nodes of "${device}" are connected already`,
  );
}
