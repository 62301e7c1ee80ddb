import { type Body, integerIn, mapIn } from "../frames/body.ts";

/** How something that listens is reached (docs/protocol.md, "At a node's front door"): one way so far, by a loopback port of its device. */
export interface Address {
  /** The port, 1 to 65535. */
  readonly loopback: number;
}

/** The address in field `address` of `body`. @throws {GhostError} `BAD_REQUEST`, also for a way that is not known here. */
export function addressIn(body: Body): Address {
  return { loopback: integerIn(mapIn(body, "address"), "loopback", 1, 65_535) };
}
