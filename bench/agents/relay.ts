/** A device that carries connections between two others, and does nothing else: the engine of a link without a daemon. */
import { LinkHost } from "../../gpmd/link/engine/link_host.ts";
import { serveActions } from "../agent.ts";

let host: LinkHost;

serveActions({
  start: async (directory, port, network) => {
    await Deno.mkdir(String(directory), { mode: 0o700 });
    host = await LinkHost.start({
      directory: String(directory),
      deviceName: "relay",
      port: Number(port),
      networks: [String(network)],
      software: "bench",
      discovery: false,
      relay: true,
      handlers: () => ({}),
      onPipe: () => {
        throw new Error("nothing is offered here");
      },
    });
  },
  /** Is paired with the device that has made `code`. */
  join: async (code) => void await host.join(String(code), { as: "relay", name: `device-${Date.now()}` }),
});
