import type { Channel, ChannelOptions } from "../../gmp/channel/channel.ts";
import { answering, type Handlers, hearing } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { PeerIdentity } from "../../gmp/handshake/identity.ts";
import { newKey } from "../../gmp/handshake/keys.ts";
import type { Reply } from "../../gmp/messages/messages.ts";
import { MAX_NODES, type NodeDescription } from "../../gmp/messages/gpmd.ts";
import { checkDeviceName, checkName, writeNodeAddress } from "../../gmp/names.ts";
import type { DaemonState, NodeConnection } from "./daemon_state.ts";
import { emitFaults } from "../events/emit_faults.ts";
import { listModules, ModuleSender } from "./module_responses.ts";
import { announce, tell } from "./notices.ts";

/** Open connections of nodes at most: all that can register, and some that only ask. */
export const MAX_NODE_CONNECTIONS: number = MAX_NODES + 1024;

/** A node that asks for another one: of this device as it has registered, or of another device. */
type AskingNode = PeerIdentity & Partial<Pick<NodeDescription, "port">>;

/** What the daemon does for nodes (docs/protocol.md, "At GPMD: port 5989, for nodes"). */
export function nodeChannelOptions(state: DaemonState): ChannelOptions {
  const connections = new Map<Channel, NodeConnection>();
  const registered = (channel: Channel, action: string): NodeConnection => {
    const connection = connections.get(channel);
    if (connection !== undefined) return connection;
    throw new GhostError("BAD_REQUEST", `Cannot ${action}: this connection has not registered a node`);
  };
  const handlers = emitFaults(
    state.events,
    answering({
      "node.register": (node, { channel }) => {
        const known = connections.get(channel);
        if (known !== undefined) {
          const { name } = known.node;
          throw new GhostError("BAD_REQUEST", `Cannot register: this connection has registered "${name}"`);
        }
        const connection = register(state, channel, node);
        connections.set(channel, connection);
        return { generation: connection.generation, grants: state.grants.all };
      },
      "node.discover": () => {
        const names = state.registry.discover();
        const { link, nodes } = state.devices;
        return link.running ? nodes.names().then((others) => ({ names: [...names, ...others] })) : { names };
      },
      "node.locate": ({ name, device, by }, { channel, signal }) => {
        const { node } = registered(channel, "locate");
        if (by !== undefined) {
          throw new GhostError("BAD_REQUEST", "Cannot locate: only the link asks for others");
        }
        if (device === undefined) return locate(state, node, name);
        return locateElsewhere(state, node, { name, device }, signal);
      },
      "place.offer": async ({ device, port }, { channel, signal }) => {
        registered(channel, "offer");
        return { pipe: await state.devices.nodes.offer(checkDeviceName(device), port, signal) };
      },
      "place.open": async ({ device, pipe }, { channel, signal }) => {
        registered(channel, "open");
        return { port: await state.devices.nodes.open(checkDeviceName(device), pipe, signal) };
      },
      "module.get": moduleGet(state),
      "module.list": () => listModules(state.store),
    }),
  );
  const ended = (channel: Channel, error: GhostError | undefined): void => {
    const connection = connections.get(channel);
    if (connection === undefined) return;
    connections.delete(channel);
    release(state, connection, error);
  };
  const notice = hearing({
    "peers.changed": ({ count }, channel) => {
      const connection = connections.get(channel);
      if (connection !== undefined) connection.peerCount = count;
    },
  });
  return { handlers, notice, ended };
}

/** What a node may ask that the link may ask, too: for other devices, whose nodes it names by `by`. */
export function handlersForLink(state: DaemonState): Handlers {
  return {
    "node.discover": () => ({ names: state.registry.discover() }),
    "node.locate": ({ name, device, by }) => {
      if (by === undefined || device !== undefined) {
        throw new GhostError(
          "BAD_REQUEST",
          "Cannot locate: the link asks for nodes of this device, by others",
        );
      }
      checkName(by.name, "node name");
      state.devices.quotas.locate(checkDeviceName(by.device));
      return locate(state, by, name);
    },
  };
}

/** What another device may ask: modules by their hash, of those that are here. */
export function handlersForDevice(state: DaemonState): Handlers {
  const get = moduleGet(state);
  return {
    "module.get": (wanted, request) => {
      if (wanted.hash === undefined || wanted.elsewhere) {
        throw new GhostError(
          "BAD_REQUEST",
          "Cannot get: another device asks for modules of this one by their hash",
        );
      }
      return get(wanted, request);
    },
  };
}

/** Answers `module.get`, for each connection one at a time. */
function moduleGet(state: DaemonState): Required<Handlers>["module.get"] {
  const senders = new WeakMap<Channel, ModuleSender>();
  return (wanted, request) => {
    let sender = senders.get(request.channel);
    if (sender === undefined) {
      sender = new ModuleSender(state);
      senders.set(request.channel, sender);
    }
    return sender.send(wanted, request);
  };
}

/** Tells every node that other devices, or their nodes, are others. */
export function devicesChanged({ connections }: DaemonState): void {
  for (const { channel } of connections.values()) announce(channel, "devices.changed", {});
}

function register(state: DaemonState, channel: Channel, node: NodeDescription): NodeConnection {
  const generation = state.registry.register(node, Date.now());
  const connection: NodeConnection = { node, generation, channel, peerCount: 0 };
  state.connections.set(node.name, connection);
  state.devices.link.nodesChanged();
  state.events.emit({ type: "node.registered", ...node, generation });
  return connection;
}

function release(state: DaemonState, connection: NodeConnection, error: GhostError | undefined): void {
  const { node: { name }, generation } = connection;
  state.registry.release(name, generation);
  state.connections.delete(name);
  state.devices.link.nodesChanged();
  state.events.emit({ type: "node.left", name, generation, reason: error?.code });
}

/** Makes the ticket for a connection; the node to be dialled learns of it before the one that dials. */
async function locate(state: DaemonState, asking: AskingNode, wanted: string): Promise<Reply<"node.locate">> {
  let found: NodeDescription;
  try {
    found = state.registry.locate(wanted);
  } catch (error) {
    throw await missing(state, asking, wanted, error);
  }
  const { name, id, port } = found;
  const located = state.connections.get(name)!;
  const ticket = newKey();
  const address = "127.0.0.1";
  const where = asking.device === undefined ? { address } : {};
  await tell(located.channel, "peer.expected", { ...asking, ...where, ticket });
  if (asking.device === undefined || state.devices.quotas.logs(asking.device)) {
    state.events.emit({ type: "node.located", name, by: writeNodeAddress(asking) });
  }
  return { name, id, address, port, ticket };
}

/** `error`, which says that no node of this device is called `wanted`, or better one that names a node of another device. */
async function missing(
  { devices }: DaemonState,
  { device }: AskingNode,
  wanted: string,
  error: unknown,
): Promise<unknown> {
  const isMissing = error instanceof GhostError && error.code === "NODE_NOT_FOUND";
  if (!isMissing || device !== undefined) return error;
  const suggestion = await devices.nodes.suggestion(wanted);
  // One of the same name is meant more likely than one of this device with a similar name.
  const isBetter = suggestion?.startsWith(`${wanted}@`) ?? false;
  if (suggestion === undefined || error.details !== undefined && !isBetter) return error;
  const message =
    `Cannot find "${wanted}": no node of that name is registered; did you mean "${suggestion}"?`;
  return new GhostError("NODE_NOT_FOUND", message, { details: { suggestion } });
}

async function locateElsewhere(
  { devices, events }: DaemonState,
  asking: NodeDescription,
  { name, device }: { readonly name: string; readonly device: string },
  signal: AbortSignal,
): Promise<Reply<"node.locate">> {
  const wanted = { name: checkName(name, "node name"), device: checkDeviceName(device) };
  const found = await devices.nodes.locate(wanted, asking, signal);
  events.emit({ type: "node.located", name: writeNodeAddress(wanted), by: asking.name });
  return found;
}
