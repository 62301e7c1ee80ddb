import type { HostFunction } from "../../../component/host.ts";
import { toSafeInteger } from "../../files/offset.ts";
import { ERRNO, fail } from "../../host/errno.ts";
import {
  type Descriptor,
  type DescriptorFlags,
  hashOf,
  type NewTimestamp,
  statOf,
  timeOf,
  typeOf,
} from "./descriptor.ts";
import { type CaseOf, type FileResult, fileResult } from "./error_code.ts";

/**
 * The functions of `wasi:filesystem/types` on a descriptor itself, or on all that it refers to, that 0.2 and 0.3 have alike.
 */
export function descriptorFunctions(caseOf: CaseOf): Record<string, HostFunction> {
  return {
    // Ignored, since everything is in memory.
    "[method]descriptor.advise": ({ inode }: Descriptor): FileResult<void> =>
      fileResult(caseOf, () => inode.type === "directory" ? fail(ERRNO.BADF) : undefined),

    // Nothing is ever out of sync.
    "[method]descriptor.sync-data": (): FileResult<void> => fileResult(caseOf, () => {}),
    "[method]descriptor.sync": (): FileResult<void> => fileResult(caseOf, () => {}),

    "[method]descriptor.get-flags": ({ flags }: Descriptor): FileResult<DescriptorFlags> =>
      fileResult(caseOf, () => flags),

    "[method]descriptor.get-type": ({ inode }: Descriptor): FileResult<unknown> =>
      fileResult(caseOf, () => typeOf(inode, caseOf)),

    "[method]descriptor.set-size": (self: Descriptor, size: bigint): FileResult<void> =>
      fileResult(caseOf, () => self.writable.resize(toSafeInteger(size))),

    "[method]descriptor.set-times": (
      { inode }: Descriptor,
      accessed: NewTimestamp,
      modified: NewTimestamp,
    ): FileResult<void> => fileResult(caseOf, () => inode.setTimes(timeOf(accessed), timeOf(modified))),

    "[method]descriptor.stat": ({ inode }: Descriptor): FileResult<ReturnType<typeof statOf>> =>
      fileResult(caseOf, () => statOf(inode, caseOf)),

    "[method]descriptor.is-same-object": ({ inode }: Descriptor, other: Descriptor): boolean =>
      inode === other.inode,

    "[method]descriptor.metadata-hash": (
      { inode, device }: Descriptor,
    ): FileResult<ReturnType<typeof hashOf>> => fileResult(caseOf, () => hashOf(inode, device)),
  };
}
