/** Whom a handshake is meant for (docs/protocol.md, "Handshake"): a proof for one audience is worthless to another. */
export type Audience = "gpmd/commands" | "gpmd/nodes" | `node/${string}` | `executor/${string}`;

/** What serves a port. */
export type Role = "gpmd" | "node" | "executor";

/** Which node of a device. */
export interface NodeIdentity {
  /** Its name, unique on its device while it is registered. */
  readonly name: string;
  /** Its id, a UUID. */
  readonly id: string;
}

/** Which node, of which device. */
export interface PeerIdentity extends NodeIdentity {
  /** Its device; this one when left out. */
  readonly device?: string | undefined;
}

/** Who is at the other end of a connection, or behind a session, as proved by its key. */
export interface Identity {
  /** What it is. */
  readonly role: "command" | "node";
  /** Its device; this one when left out. */
  readonly device?: string;
  /** Which node; left out for a command. */
  readonly node?: NodeIdentity;
}
