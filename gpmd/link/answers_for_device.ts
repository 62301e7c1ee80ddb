import type { Handlers } from "../../gmp/channel/messages.ts";
import { toldNames } from "./device_nodes.ts";
import type { DeviceWays } from "./device_ways.ts";
import type { RemoteDevice } from "./engine/devices.ts";
import { enterGpmd } from "./enter_gpmd.ts";
import type { GpmdConnection, GpmdPlace } from "./gpmd_connection.ts";
import type { Pipes } from "./pipes/pipes.ts";
import { TransportEnd } from "./transport_end.ts";

/** What is behind the answers. */
interface Answering {
  /** The connection to GPMD. */
  readonly gpmd: GpmdConnection;
  /** Where GPMD is. */
  readonly place: GpmdPlace;
  /** What the device may reach. */
  readonly pipes: Pipes;
  /** How it gets there. */
  readonly ways: DeviceWays;
}

/** What `device` may ask (docs/protocol.md, "Between the links of two devices"): whatever it says, it is that device. */
export function answersFor(device: RemoteDevice, { gpmd, place, pipes, ways }: Answering): Handlers {
  return {
    "node.discover": async () => ({ names: toldNames((await gpmd.askFor("node.discover", {})).names) }),
    "link.locate": async ({ name, by }) => {
      const asking = { name: by.name, id: by.id, device: device.name };
      const located = await gpmd.askFor("node.locate", { name, by: asking });
      const { id, ticket, port } = located;
      return { name: located.name, id, ticket, pipe: pipes.offer(device.id, port) };
    },
    "lane.offer": (offer) => ways.answer(device.id, offer),
    "link.command": () => {
      const enter = async () => new TransportEnd(await enterGpmd(place, device.name));
      return { pipe: pipes.offer(device.id, enter) };
    },
  };
}
