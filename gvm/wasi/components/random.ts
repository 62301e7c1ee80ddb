import type { HostInterface } from "../../component/host.ts";

/**
 * The interfaces of `wasi:random` by their names in the package, where `bytes` gives random bytes. What is insecure is no less
 * secure here. 0.2 asks for the seed by another name than 0.3.
 */
export function commonRandom(
  bytes: (length: bigint) => Uint8Array,
  seedName: string,
): Record<string, HostInterface> {
  const functions = (many: string, one: string) => ({ [many]: bytes, [one]: randomNumber });
  const seed = [randomNumber(), randomNumber()]; // the same for as long as the guest lives
  return {
    random: { functions: functions("get-random-bytes", "get-random-u64") },
    insecure: { functions: functions("get-insecure-random-bytes", "get-insecure-random-u64") },
    "insecure-seed": { functions: { [seedName]: () => seed } },
  };
}

function randomNumber(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0]!;
}
