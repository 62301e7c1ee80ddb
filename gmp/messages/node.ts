import { bytes, integer, list, map, operation, optional, text } from "./fields.ts";
import { LONGEST_ID } from "./identity.ts";
import { KEY_BYTES } from "../handshake/keys.ts";

/** Nodes at one time: far beyond the ephemeral ports that a device gives to its nodes, and 3 MB when all are taken. */
export const MAX_NODES = 16_384;

/** What a node says of itself in `node.register`. */
export interface NodeDescription {
  /** Its name, unique on the device. */
  name: string;
  /** A UUID in lower case, drawn anew by each node that starts. */
  id: string;
  /** Where its front door listens, 1 to 65535. */
  port: number;
}

/** A node that another one is to connect to, or that is about to connect. */
export interface LocatedNode {
  /** Its name. */
  readonly name: string;
  /** Its id, a UUID. */
  readonly id: string;
  /** Where its front door is. */
  readonly address: string;
  /** The port of its front door. */
  readonly port: number;
  /** The ticket with which the one connects to the other. */
  readonly ticket: Uint8Array;
}

const port = integer(1, 65_535);
const name = text(64);
const id = text(LONGEST_ID);
const address = text(255);
const ticket = bytes(KEY_BYTES);

/** What a node asks its GPMD (docs/protocol.md, "At GPMD: port 5989, for nodes"); of modules, see `MODULE_OPERATIONS`. */
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
  // GPMD says which; between nodes it is all that the sender knows.
  "modules.changed": map({ name: optional(text()) }),
};
