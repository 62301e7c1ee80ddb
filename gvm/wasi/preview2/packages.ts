import { WASI_2 } from "../../../gmp/wasm_format/host_interfaces.ts";
import type { WasiVersion } from "../components/packages.ts";
import { cliInterfaces } from "./cli.ts";
import { clockInterfaces } from "./clocks.ts";
import { filesystemInterfaces } from "./filesystem/interfaces.ts";
import { httpInterfaces } from "./http/interfaces.ts";
import { ioInterfaces } from "./io/interfaces.ts";
import { randomInterfaces } from "./random.ts";
import { socketInterfaces } from "./sockets.ts";

/**
 * WASI 0.2 (preview 2), in a version that has everything that those before it have. There are sockets and HTTP, which say that they
 * are not granted.
 */
export const PREVIEW2: WasiVersion<typeof WASI_2> = {
  version: "0.2.12",
  names: WASI_2,
  packages: {
    cli: cliInterfaces,
    clocks: clockInterfaces,
    filesystem: filesystemInterfaces,
    http: httpInterfaces,
    io: ioInterfaces,
    random: randomInterfaces,
    sockets: socketInterfaces,
  },
};
