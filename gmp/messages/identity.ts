import { map, oneOf, optional, text } from "./fields.ts";

/** Characters of a node's or an executor's id at most; a UUID has 36. */
export const LONGEST_ID = 64;

/** Which node: a `NodeIdentity`. */
const NODE_IDENTITY = map({ name: text(64), id: text(LONGEST_ID) });

/** Who is there: an `Identity`. */
export const IDENTITY = map({
  role: oneOf("command", "node"),
  device: optional(text(64)),
  node: optional(NODE_IDENTITY),
});
