import { type Body, bytesIn, mapIn, stringIn } from "../../gmp/frames/body.ts";
import { addressIn } from "../../gmp/messages/address.ts";
import type { NodeIdentity } from "../../gmp/handshake/identity.ts";
import { KEY_BYTES } from "../../gmp/handshake/keys.ts";
import { LONGEST_ID, nodeIn } from "../../gmp/messages/identity.ts";
import type { SessionPlace } from "../executors/executor_pool.ts";

/** The body of peer.connect and of its reply. */
export interface Introduction extends NodeIdentity {
  /** Where the other side's calls go. */
  readonly place: SessionPlace;
}

/** The introduction in `body`. @throws {GhostError} `BAD_REQUEST`. */
export function introductionIn(body: Body): Introduction {
  return {
    ...nodeIn(body),
    place: placeIn(mapIn(body, "place")),
  };
}

/** `introduction` as a body. */
export function introductionBody({ name, id, place: { executor, address, ticket } }: Introduction): Body {
  return { name, id, place: { executor, address, ticket } };
}

/** The place in `body`. @throws {GhostError} `BAD_REQUEST`. */
export function placeIn(body: Body): SessionPlace {
  return {
    executor: stringIn(body, "executor", LONGEST_ID),
    address: addressIn(body),
    ticket: bytesIn(body, "ticket", KEY_BYTES).slice(),
  };
}
