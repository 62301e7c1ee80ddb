import { GhostError } from "../../gmp/errors.ts";

/** The fault of a key that is in use at two places: that of `device`, or this device's own. */
export function copiedHome(device: string | undefined): GhostError {
  const whose = device === undefined ? "this device" : `device "${device}"`;
  return new GhostError(
    "STORE_FAULT",
    `The key of ${whose} is in use at two places: its store was copied; remove the directory "link" of one, and pair it anew`,
  );
}
