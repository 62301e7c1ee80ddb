import { WASI_3 } from "../../../gmp/wasm_format/host_interfaces.ts";
import type { WasiVersion } from "../components/packages.ts";
import { cliInterfaces } from "./cli.ts";
import { clockInterfaces } from "./clocks.ts";
import { filesystemInterfaces } from "./filesystem.ts";
import { httpInterfaces } from "./http.ts";
import { randomInterfaces } from "./random.ts";
import { socketInterfaces } from "./sockets.ts";

/** WASI 0.3 (preview 3). There are sockets and HTTP, which say that they are not granted. */
export const PREVIEW3: WasiVersion<typeof WASI_3> = {
  version: "0.3.0",
  names: WASI_3,
  packages: {
    cli: cliInterfaces,
    clocks: clockInterfaces,
    filesystem: filesystemInterfaces,
    http: httpInterfaces,
    random: randomInterfaces,
    sockets: socketInterfaces,
  },
};
