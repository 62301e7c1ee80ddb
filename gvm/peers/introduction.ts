import { type Body, bytesIn, integerIn, mapIn, stringIn } from "../../gmp/frames/body.ts";
import { KEY_BYTES } from "../../gmp/handshake/handshake.ts";
import type { SessionPlace } from "../executors/executor_pool.ts";

/** Who a node is. */
export interface NodeIdentity {
  /** Its name, unique on its device while it is registered. */
  readonly name: string;
  /** Its id, a UUID. */
  readonly id: string;
}

/** The body of peer.connect and of its reply. */
export interface Introduction extends NodeIdentity {
  /** Where the other side's calls go. */
  readonly executor: SessionPlace;
}

/** The introduction in `body`. @throws {GhostError} `BAD_REQUEST`. */
export function introductionIn(body: Body): Introduction {
  return {
    name: stringIn(body, "name", 64),
    id: stringIn(body, "id", 64),
    executor: placeIn(mapIn(body, "executor")),
  };
}

/** `introduction` as a body. */
export function introductionBody({ name, id, executor: { port, ticket } }: Introduction): Body {
  return { name, id, executor: { port, ticket } };
}

/** The place in `body`. @throws {GhostError} `BAD_REQUEST`. */
export function placeIn(body: Body): SessionPlace {
  return { port: integerIn(body, "port", 1, 65_535), ticket: bytesIn(body, "ticket", KEY_BYTES).slice() };
}
