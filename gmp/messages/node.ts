import { bytes, integer, list, map, operation, optional, text } from "./fields.ts";
import { LONGEST_ID } from "./identity.ts";
import { KEY_BYTES } from "../handshake/keys.ts";

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

/** A node to connect to, or one that is about to connect. */
export interface LocatedNode {
  /** Its name. */
  readonly name: string;
  /** Its id, a UUID. */
  readonly id: string;
  /** Where its front door is. */
  readonly address: string;
  /** The port of its front door. */
  readonly port: number;
  /** The ticket for the connection. */
  readonly ticket: Uint8Array;
}

const port = integer(1, 65_535);
const name = text(64);
const id = text(LONGEST_ID);
const address = text(255);
const ticket = bytes(KEY_BYTES);

/** What nodes ask GPMD (docs/protocol.md, "At GPMD: port 5989, for nodes"); for modules, see `MODULE_OPERATIONS`. */
export const NODE_OPERATIONS = {
  "node.register": operation(
    { name: text(), id: text(), port },
    { generation: integer(1, Number.MAX_SAFE_INTEGER) },
  ),
  "node.discover": operation({}, { names: list(text(), "names") }),
  "node.locate": operation({ name: text() }, { name, id, address, port, ticket }),
};

/** What GPMD and its nodes tell each other. */
export const NODE_NOTICES = {
  "peer.expected": map({ name, id, port, address, ticket }),
  "peers.changed": map({ count: integer(0, MAX_NODES) }),
  // From GPMD it names the module; between nodes it has no name, and means all modules of the sender.
  "modules.changed": map({ name: optional(text()) }),
};
