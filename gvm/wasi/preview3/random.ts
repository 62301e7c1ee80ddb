import type { HostInterface } from "../../component/host.ts";
import { commonRandom } from "../components/random.ts";
import { fillRandom } from "../host/random.ts";

/** Most random bytes of one call; a guest that wants more asks again. */
const MAX_RANDOM_PIECE = 1 << 20;

/** The interfaces of `wasi:random` by their names in the package. */
export function randomInterfaces(): Record<string, HostInterface> {
  return commonRandom(randomBytes, "get-insecure-seed");
}

function randomBytes(most: bigint): Uint8Array {
  const bytes = new Uint8Array(most > MAX_RANDOM_PIECE ? MAX_RANDOM_PIECE : Number(most));
  fillRandom(bytes);
  return bytes;
}
