import type { HostFunction } from "../../../component/host.ts";
import type { Context } from "../../components/context.ts";
import type { Descriptor } from "../../components/filesystem/descriptor.ts";
import { type DirectoryEntry, Listing } from "../../components/filesystem/listing.ts";
import {
  AS_ENUM,
  type FileErrorCode,
  fileErrorCode,
  type FileResult,
  fileResult,
} from "../../components/filesystem/error_code.ts";
import type { IoError } from "../io/stream_error.ts";

/** The functions of `wasi:filesystem/types` that list a directory. */
export function listingFunctions({ open }: Context): Record<string, HostFunction> {
  return {
    "[method]descriptor.read-directory": (self: Descriptor): FileResult<Listing> =>
      fileResult(AS_ENUM, () => {
        const { directory, fileSystem } = self;
        return new Listing(directory, AS_ENUM, open.open(fileSystem, directory));
      }),
    "[method]directory-entry-stream.read-directory-entry": (
      listing: Listing,
    ): FileResult<DirectoryEntry | undefined> => fileResult(AS_ENUM, () => listing.next(1)[0]),
  };
}

/** The code of an error of a file's stream, if it is one. */
export function filesystemErrorCode({ errno }: IoError): FileErrorCode | undefined {
  return fileErrorCode(errno);
}
