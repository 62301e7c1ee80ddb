import { GhostError } from "../../../gmp/errors.ts";
import type { HostInterface } from "../../component/host.ts";
import { commonRandom } from "../components/random.ts";
import { fillRandom } from "../host/random.ts";

/** Most random bytes of one call. */
export const MAX_RANDOM = 1 << 24;

/** The interfaces of `wasi:random` by their names in the package. */
export function randomInterfaces(): Record<string, HostInterface> {
  return commonRandom(randomBytes, "insecure-seed");
}

/** Exactly `length` random bytes; there is no error that the guest could get. */
function randomBytes(length: bigint): Uint8Array {
  if (length > MAX_RANDOM) {
    throw new GhostError(
      "PAYLOAD_TOO_LARGE",
      `Cannot give ${length} random bytes at once: the limit is ${MAX_RANDOM}`,
    );
  }
  const bytes = new Uint8Array(Number(length));
  fillRandom(bytes);
  return bytes;
}
