import type { Channel, ChannelOptions } from "../../gmp/channel/channel.ts";
import { answering, hearing } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { newKey } from "../../gmp/handshake/keys.ts";
import type { Reply } from "../../gmp/messages/messages.ts";
import { MAX_NODES, type NodeDescription } from "../../gmp/messages/gpmd.ts";
import type { DaemonState, NodeConnection } from "./daemon_state.ts";
import { emitFaults } from "../events/emit_faults.ts";
import { listModules, ModuleSender } from "./module_responses.ts";
import { tell } from "./notices.ts";

/** Open connections of nodes at most: all that can register, and some that only ask. */
export const MAX_NODE_CONNECTIONS: number = MAX_NODES + 1024;

/** What the daemon does for nodes (docs/protocol.md, "At GPMD: port 5989, for nodes"). */
export function nodeChannelOptions(state: DaemonState): ChannelOptions {
  const connections = new Map<Channel, NodeConnection>();
  const senders = new WeakMap<Channel, ModuleSender>();
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
        return { generation: connection.generation };
      },
      "node.discover": () => ({ names: state.registry.discover() }),
      "node.locate": ({ name }, { channel }) => {
        const connection = connections.get(channel);
        if (connection === undefined) {
          throw new GhostError("BAD_REQUEST", "Cannot locate: this connection has not registered a node");
        }
        return locate(state, connection, name);
      },
      "module.get": (wanted, request) => {
        let sender = senders.get(request.channel);
        if (sender === undefined) {
          sender = new ModuleSender(state.store, state.reads);
          senders.set(request.channel, sender);
        }
        return sender.send(wanted, request);
      },
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

function register(state: DaemonState, channel: Channel, node: NodeDescription): NodeConnection {
  const generation = state.registry.register(node, Date.now());
  const connection: NodeConnection = { node, generation, channel, peerCount: 0 };
  state.connections.set(node.name, connection);
  state.events.emit({ type: "node.registered", ...node, generation });
  return connection;
}

function release(state: DaemonState, connection: NodeConnection, error: GhostError | undefined): void {
  const { node: { name }, generation } = connection;
  state.registry.release(name, generation);
  state.connections.delete(name);
  state.events.emit({ type: "node.left", name, generation, reason: error?.code });
}

/** Makes the ticket for a connection; the node to be dialled learns of it before the one that dials. */
async function locate(
  state: DaemonState,
  asking: NodeConnection,
  wanted: string,
): Promise<Reply<"node.locate">> {
  const { name, id, port } = state.registry.locate(wanted);
  const located = state.connections.get(name)!;
  const ticket = newKey();
  const address = "127.0.0.1";
  await tell(located.channel, "peer.expected", { ...asking.node, address, ticket });
  state.events.emit({ type: "node.located", name, by: asking.node.name });
  return { name, id, address, port, ticket };
}
