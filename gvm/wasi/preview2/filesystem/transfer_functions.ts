import type { HostFunction } from "../../../component/host.ts";
import type { Context } from "../../components/context.ts";
import type { Descriptor } from "../../components/filesystem/descriptor.ts";
import { AS_ENUM, type FileResult, fileResult } from "../../components/filesystem/error_code.ts";
import { toSafeInteger } from "../../files/offset.ts";
import { MAX_PIECE } from "../../host/streams.ts";
import { FileInput, FileOutput } from "../io/file_streams.ts";
import type { InputStream, OutputStream } from "../io/streams.ts";

/** The functions of `wasi:filesystem/types` that read and write a file, or make streams that do. */
export function transferFunctions({ open }: Context): Record<string, HostFunction> {
  return {
    "[method]descriptor.read-via-stream": (self: Descriptor, offset: bigint): FileResult<InputStream> =>
      fileResult(AS_ENUM, () => {
        const from = toSafeInteger(offset);
        return new FileInput(self.readable, from, open.open(self.fileSystem, self.readable));
      }),

    "[method]descriptor.write-via-stream": (self: Descriptor, offset: bigint): FileResult<OutputStream> =>
      fileResult(AS_ENUM, () => {
        const from = toSafeInteger(offset);
        return new FileOutput(self.writable, from, open.open(self.fileSystem, self.writable));
      }),

    "[method]descriptor.append-via-stream": (self: Descriptor): FileResult<OutputStream> =>
      fileResult(
        AS_ENUM,
        () => new FileOutput(self.writable, undefined, open.open(self.fileSystem, self.writable)),
      ),

    "[method]descriptor.read": (
      self: Descriptor,
      length: bigint,
      offset: bigint,
    ): FileResult<[Uint8Array, boolean]> => fileResult(AS_ENUM, () => read(self, length, offset)),

    "[method]descriptor.write": (self: Descriptor, bytes: Uint8Array, offset: bigint): FileResult<bigint> =>
      fileResult(AS_ENUM, () => {
        const file = self.writable;
        if (bytes.length > 0) file.write(toSafeInteger(offset), bytes);
        return BigInt(bytes.length);
      }),
  };
}

/** Some bytes from `offset` on, and whether the file ends with them. They are valid until the guest runs again. */
function read({ readable }: Descriptor, length: bigint, offset: bigint): [Uint8Array, boolean] {
  const { contents } = readable;
  const from = Math.min(toSafeInteger(offset), contents.length);
  const to = from + (length > MAX_PIECE ? MAX_PIECE : Number(length));
  return [contents.subarray(from, to), to >= contents.length];
}
