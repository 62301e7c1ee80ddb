/** Whom a handshake is meant for (docs/protocol.md, "Handshake"): the proof of one is worth nothing to another. */
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

/** Who is at the other end of a connection, or behind a session, as its key has proved. */
export interface Identity {
  /** What it is. */
  readonly role: "command" | "node";
  /** The device that it is on; this one when left out. */
  readonly device?: string;
  /** Which node; a command is none. */
  readonly node?: NodeIdentity;
}

/** What must be there for `audience` to be reached. */
export function roleOf(audience: Audience): Role {
  return audience.slice(0, audience.indexOf("/")) as Role;
}
