import type { Channel, ChannelOptions } from "../../gmp/channel/channel.ts";
import { answering, hearing } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { newKey } from "../../gmp/handshake/keys.ts";
import type { Reply } from "../../gmp/messages/messages.ts";
import { MAX_NODES, type NodeDescription } from "../../gmp/messages/node.ts";
import type { DaemonState, NodeSession } from "./daemon_state.ts";
import { emitFaults } from "../events/emit_faults.ts";
import { listModules, ModuleSender } from "./module_responses.ts";
import { tell } from "./notices.ts";

/** Connections of nodes: all that can be registered, and some that only ask. */
export const MAX_NODE_CONNECTIONS: number = MAX_NODES + 1024;

/** What a connection on 5989 may do: a node at its GPMD (docs/protocol.md, "At GPMD: port 5989, for nodes"). */
export function nodeService(state: DaemonState): ChannelOptions {
  const sessions = new Map<Channel, NodeSession>();
  const senders = new WeakMap<Channel, ModuleSender>();
  const handlers = emitFaults(
    state.events,
    answering({
      "node.register": (node, { channel }) => {
        const known = sessions.get(channel);
        if (known !== undefined) {
          const { name } = known.node;
          throw new GhostError("BAD_REQUEST", `Cannot register: this connection is that of "${name}"`);
        }
        const session = register(state, channel, node);
        sessions.set(channel, session);
        return { generation: session.generation };
      },
      "node.discover": () => ({ names: state.registry.discover() }),
      "node.locate": ({ name }, { channel }) => {
        const session = sessions.get(channel);
        if (session === undefined) {
          throw new GhostError("BAD_REQUEST", "Cannot locate: this connection has not registered a node");
        }
        return locate(state, session, name);
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
    const session = sessions.get(channel);
    if (session === undefined) return;
    sessions.delete(channel);
    release(state, session, error);
  };
  const notice = hearing({
    "peers.changed": ({ count }, channel) => {
      const session = sessions.get(channel);
      if (session !== undefined) session.connections = count;
    },
  });
  return { handlers, notice, ended };
}

function register(state: DaemonState, channel: Channel, node: NodeDescription): NodeSession {
  const generation = state.registry.register(node, Date.now());
  const session: NodeSession = { node, generation, channel, connections: 0 };
  state.sessions.set(node.name, session);
  state.events.emit({ type: "node.registered", ...node, generation });
  return session;
}

function release(state: DaemonState, session: NodeSession, error: GhostError | undefined): void {
  const { node: { name }, generation } = session;
  state.registry.release(name, generation);
  state.sessions.delete(name);
  state.events.emit({ type: "node.left", name, generation, reason: error?.code });
}

/** Makes the ticket for a connection; the node that is to be dialled knows of it before the one that dials. */
async function locate(
  state: DaemonState,
  asking: NodeSession,
  wanted: string,
): Promise<Reply<"node.locate">> {
  const { name, id, port } = state.registry.locate(wanted);
  const located = state.sessions.get(name)!;
  const ticket = newKey();
  const address = "127.0.0.1";
  await tell(located.channel, "peer.expected", { ...asking.node, address, ticket });
  state.events.emit({ type: "node.located", name, by: asking.node.name });
  return { name, id, address, port, ticket };
}
