import type { HostFunction, HostInterface } from "../../component/host.ts";
import { HostFuture } from "../../component/host_future.ts";
import { SourceStream, type StreamSource } from "../../component/host_streams.ts";
import type { Context } from "../components/context.ts";
import type { Descriptor } from "../components/filesystem/descriptor.ts";
import { descriptorFunctions } from "../components/filesystem/descriptor_functions.ts";
import { AS_VARIANT, fileError } from "../components/filesystem/error_code.ts";
import { Listing } from "../components/filesystem/listing.ts";
import { pathFunctions } from "../components/filesystem/path_functions.ts";
import { filesystemPreopens } from "../components/filesystem/preopens.ts";
import { CLOSED_WHEN_DROPPED } from "../components/resources.ts";
import { toSafeInteger } from "../files/offset.ts";
import type { RegularFile } from "../files/regular_file.ts";
import { DONE, NOTHING, readySource, receive, type SentByGuest } from "./streams.ts";

/** What is read, and a future of its end. */
type Reading = [SourceStream, HostFuture];

/** The interfaces of `wasi:filesystem` by their names in the package. */
export function filesystemInterfaces(context: Context): Record<string, HostInterface> {
  return {
    types: {
      functions: {
        ...descriptorFunctions(AS_VARIANT),
        ...pathFunctions(context, AS_VARIANT),
        ...streamFunctions(context),
      },
      resources: { descriptor: CLOSED_WHEN_DROPPED },
    },
    preopens: filesystemPreopens(context),
  };
}

/** The functions of `wasi:filesystem/types` that read and write by a stream. */
function streamFunctions({ open, waits }: Context): Record<string, HostFunction> {
  return {
    "[method]descriptor.read-via-stream": (self: Descriptor, offset: bigint): Reading =>
      reading(() => {
        const from = toSafeInteger(offset);
        return fileSource(self.readable, from, open.open(self.fileSystem, self.readable));
      }),

    "[method]descriptor.write-via-stream": (self: Descriptor, data: SentByGuest, offset: bigint) =>
      writing(data, () => {
        let at = toSafeInteger(offset);
        const file = self.writable;
        const write = (bytes: Uint8Array) => {
          waits.check();
          file.write(at, bytes);
          at += bytes.length;
        };
        return receive(data, write, open.open(self.fileSystem, file));
      }),

    "[method]descriptor.append-via-stream": (self: Descriptor, data: SentByGuest) =>
      writing(data, () => {
        const file = self.writable;
        const write = (bytes: Uint8Array) => {
          waits.check();
          file.write(file.size, bytes);
        };
        return receive(data, write, open.open(self.fileSystem, file));
      }),

    "[method]descriptor.read-directory": (self: Descriptor): Reading =>
      reading(() => {
        const { directory, fileSystem } = self;
        const listing = new Listing(directory, AS_VARIANT, open.open(fileSystem, directory));
        return readySource((most) => listing.next(most), listing.close);
      }),
  };
}

/** Reads `file` from `offset` on; what is read is copied at once into the guest's memory. */
function fileSource(file: RegularFile, offset: number, close: () => void): StreamSource {
  return readySource((most) => {
    const bytes = file.contents.subarray(offset, offset + most);
    offset += bytes.length;
    return bytes;
  }, close);
}

/** What `begin` reads; nothing, and the error, where it fails. */
function reading(begin: () => StreamSource): Reading {
  const end = new HostFuture();
  try {
    const begun = begin();
    const close = () => {
      begun.close();
      end.settle(DONE);
    };
    return [new SourceStream({ ...begun, close }), end];
  } catch (error) {
    end.settle(fileError(AS_VARIANT, error));
    return [new SourceStream(NOTHING), end];
  }
}

/** The end of what `begin` writes; where it fails, the stream is dropped. */
function writing(data: SentByGuest, begin: () => HostFuture): HostFuture {
  try {
    return begin();
  } catch (error) {
    data.drop();
    const end = new HostFuture();
    end.settle(fileError(AS_VARIANT, error));
    return end;
  }
}
