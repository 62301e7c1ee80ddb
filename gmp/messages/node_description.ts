/** What a node says of itself in `node.register` (docs/protocol.md, "At GPMD: port 5989, for nodes"). */
export interface NodeDescription {
  /** Its name, unique on the device. */
  name: string;
  /** A UUID in lower case, drawn anew by each node that starts. */
  id: string;
  /** Where its front door listens, 1 to 65535. */
  port: number;
}
