import type { HostInterface } from "../../../component/host.ts";
import { numberDevices } from "../../guest/options.ts";
import type { Context } from "../context.ts";
import { Descriptor, ROOT_FLAGS } from "./descriptor.ts";

/** The interface `wasi:filesystem/preopens`. */
export function filesystemPreopens({ preopens, open }: Context): HostInterface {
  return {
    functions: {
      "get-directories": (): [Descriptor, string][] =>
        numberDevices(preopens).map(({ name, fileSystem, device }) => {
          const close = open.open(fileSystem, fileSystem.root);
          return [new Descriptor(fileSystem.root, fileSystem, device, ROOT_FLAGS, close), name];
        }),
    },
  };
}
