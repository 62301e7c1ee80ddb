import type { PeerIdentity } from "../handshake/identity.ts";
import { KEY_BYTES } from "../handshake/keys.ts";
import { PIPE_BYTES } from "./device.ts";
import { LONGEST_ID } from "./executor.ts";
import { bytes, integer, list, map, operation, optional, text, truth } from "./fields.ts";
import { GRANTS } from "./grants.ts";

/** Registered nodes at most: far beyond the ephemeral ports that a device has for its nodes, and 3 MB when full. */
export const MAX_NODES = 16_384;

/** How a node describes itself in `node.register`. */
export interface NodeDescription {
  /** Its name, unique on the device. */
  name: string;
  /** A UUID in lower case, new for every start of a node. */
  id: string;
  /** Where its front door listens, 1 to 65535. */
  port: number;
}

/** A node to connect to. */
export interface LocatedNode {
  /** Its name. */
  readonly name: string;
  /** Its id, a UUID. */
  readonly id: string;
  /** Where its front door is. */
  readonly address: string;
  /** The port of its front door, or the end of a pipe that leads there. */
  readonly port: number;
  /** The ticket for the connection. */
  readonly ticket: Uint8Array;
}

/** A node that is about to connect. */
export interface ExpectedNode extends PeerIdentity {
  /** The ticket that it will come with. */
  readonly ticket: Uint8Array;
}

const port = integer(1, 65_535);
const name = text(64);
const device = text(64);
const id = text(LONGEST_ID);
const address = text(255);
const ticket = bytes(KEY_BYTES);
const pipe = bytes(PIPE_BYTES);

/** What nodes ask GPMD (docs/protocol.md, "At GPMD: port 5989, for nodes"); for modules, see `MODULE_OPERATIONS`. */
export const NODE_OPERATIONS = {
  "node.register": operation(
    { name: text(), id: text(), port },
    { generation: integer(1, Number.MAX_SAFE_INTEGER), grants: GRANTS },
  ),
  "node.discover": operation({}, { names: list(text(), "names") }),
  "node.locate": operation(
    { name: text(), device: optional(device), by: optional(map({ device, name, id })) },
    { name, id, address, port, ticket },
  ),
  "place.offer": operation({ device, port }, { pipe }),
  "place.open": operation({ device, pipe }, { port }),
};

/** What GPMD and its nodes tell each other. */
export const NODE_NOTICES = {
  // A node of another device has no port here.
  "peer.expected": map({
    name,
    id,
    device: optional(device),
    port: optional(port),
    address: optional(address),
    ticket,
  }),
  "peers.changed": map({ count: integer(0, MAX_NODES) }),
  // From GPMD it names the module; between nodes it has no name, and means all modules of the sender.
  "modules.changed": map({ name: optional(text()) }),
};

/** The connections of one port of the daemon. */
export interface PortCounts {
  /** Open now. */
  readonly open: number;
  /** Accepted so far, after the handshake. */
  readonly accepted: number;
  /** Refused so far: no GMP, no proof, too slow, or too many. */
  readonly refused: number;
}

/** The daemon's status (docs/protocol.md, "At GPMD: port 1111, for commands"). */
export interface DaemonStatus {
  /** Process id of the daemon. */
  readonly pid: number;
  /** Its version. */
  readonly version: string;
  /** When it started, in ISO 8601, UTC. */
  readonly startedAt: string;
  /** Milliseconds since it started. */
  readonly uptime: number;
  /** The ports that it serves. */
  readonly ports: { readonly command: number; readonly gmp: number };
  /** The directory of its store. */
  readonly store: string;
  /** How many nodes are registered. */
  readonly nodes: number;
  /** How many modules are in the store. */
  readonly modules: number;
  /** How many versions they have together. */
  readonly versions: number;
  /** Bytes of the whole process, and of the JavaScript heap. */
  readonly memory: { readonly rss: number; readonly heap: number };
  /** Connections. */
  readonly connections: {
    /** At the port of commands. */
    readonly command: PortCounts;
    /** At the port of nodes. */
    readonly gmp: PortCounts;
    /** In their handshake now, at either port. */
    readonly waiting: number;
    /** How many of the refused ones were closed to make room for newer ones. */
    readonly evicted: number;
  };
  /** Whether whoever started it, `gpmd start -nd` in a terminal or as a service, starts it again when asked to restart. */
  readonly restarts?: boolean | undefined;
}

/** A registered node. */
export interface NodeSummary {
  /** Its name. */
  readonly name: string;
  /** Its id, a UUID. */
  readonly id: string;
  /** The port of its front door. */
  readonly port: number;
  /** When it registered, in ISO 8601, UTC. */
  readonly since: string;
  /** How many nodes it is connected to now, whichever of the two dialled, as it tells GPMD. */
  readonly connections: number;
}

const count = integer(0, Number.MAX_SAFE_INTEGER);
const connections = map({ open: count, accepted: count, refused: count });

/** What commands ask GPMD about itself and its nodes (docs/protocol.md, "At GPMD: port 1111, for commands"). */
export const GPMD_OPERATIONS = {
  "gpmd.status": operation({}, {
    pid: count,
    version: text(),
    startedAt: text(),
    uptime: count,
    ports: map({ command: port, gmp: port }),
    store: text(65_536),
    nodes: count,
    modules: count,
    versions: count,
    memory: map({ rss: count, heap: count }),
    connections: map({ command: connections, gmp: connections, waiting: count, evicted: count }),
    restarts: optional(truth),
  }),
  "gpmd.kill": operation({ restart: optional(truth) }, {
    pid: integer(1, Number.MAX_SAFE_INTEGER),
    restarts: optional(truth),
  }),
  "gpmd.nodes": operation({}, {
    nodes: list(map({ name: text(), id: text(), port, since: text(), connections: count }), "maps"),
  }),
};
