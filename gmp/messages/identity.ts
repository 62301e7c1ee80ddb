import { type Body, isMap, optionalStringIn, stringIn } from "../frames/body.ts";
import { GhostError } from "../errors.ts";
import type { Identity, NodeIdentity } from "../handshake/identity.ts";

/** Characters of an id of a node or an executor at most; a UUID has 36. */
export const LONGEST_ID = 64;

/** The node that `body` names. @throws {GhostError} `BAD_REQUEST`. */
export function nodeIn(body: Body): NodeIdentity {
  return { name: stringIn(body, "name", 64), id: stringIn(body, "id", LONGEST_ID) };
}

/** Who `body` says is there. @throws {GhostError} `BAD_REQUEST`. */
export function identityIn(body: Body): Identity {
  const { role, node } = body;
  if (role !== "command" && role !== "node") {
    throw new GhostError("BAD_REQUEST", 'Cannot read the request: "role" is not one that is known');
  }
  if (node !== undefined && !isMap(node)) {
    throw new GhostError("BAD_REQUEST", 'Cannot read the request: "node" is not a map');
  }
  const device = optionalStringIn(body, "device", 64);
  return {
    role,
    ...device === undefined ? {} : { device },
    ...node === undefined ? {} : { node: nodeIn(node) },
  };
}

/** `identity` as a body. */
export function identityBody({ node, ...rest }: Identity): Body {
  return node === undefined ? rest : { ...rest, node: { name: node.name, id: node.id } };
}
