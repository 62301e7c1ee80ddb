import { GhostError } from "../../gmp/errors.ts";
import type { PeerIdentity } from "../../gmp/handshake/identity.ts";
import { writeNodeAddress } from "../../gmp/names.ts";
import type { Address } from "../../gmp/messages/peer.ts";
import type { NextPlace } from "../calls/session_calls.ts";
import type { SessionPlace } from "../executors/executor_pool.ts";

/** How nodes of two devices reach each other's executors: GPMD asks this device's link. */
export interface Pipes {
  /**
   * Lets `device` connect to loopback port `port` of this device, once; returns the token for it.
   *
   * @throws {GhostError} `LINK_NOT_RUNNING`, `DEVICE_NOT_FOUND`, `DEVICE_UNREACHABLE`, `GPMD_NOT_RUNNING`.
   */
  offer(device: string, port: number): Promise<Uint8Array>;
  /** A loopback port that leads, once, to what `device` has offered. Throws as {@linkcode Pipes.offer}. */
  open(device: string, pipe: Uint8Array): Promise<number>;
}

/** A place, as a peer is told of it. */
export interface ToldPlace {
  /** See {@linkcode SessionPlace.executor}. */
  readonly executor: string;
  /** How the peer reaches it. */
  readonly address: Address;
  /** See {@linkcode SessionPlace.ticket}. */
  readonly ticket: Uint8Array;
}

/** `place`, a place of this node, for `peer` to dial; one of another device gets a pipe to it. Throws as `Pipes.offer`. */
export async function placeFor(
  { device }: PeerIdentity,
  { executor, address, ticket }: SessionPlace,
  pipes: Pipes,
): Promise<ToldPlace> {
  if (device === undefined) return { executor, address, ticket };
  return { executor, address: { pipe: await pipes.offer(device, address.loopback) }, ticket };
}

/**
 * Checks that a node of another device names no port of this one, and a node of this one no pipe.
 *
 * @throws {GhostError} `BAD_REQUEST`.
 */
export function checkAddress(peer: PeerIdentity, address: Address): void {
  const [isElsewhere, isPipe] = [peer.device !== undefined, "pipe" in address];
  if (isElsewhere === isPipe) return;
  const where = isPipe ? "on another device" : "on this device";
  throw new GhostError("BAD_REQUEST", `Cannot go on: the place of "${writeNodeAddress(peer)}" is ${where}`);
}

/** Where to dial `place`, which `peer` has told. Throws as {@linkcode checkAddress} and `Pipes.open`. */
export async function placeOf(
  peer: PeerIdentity,
  { address, ...place }: ToldPlace & Pick<NextPlace, "restarted" | "reason">,
  pipes: Pipes,
): Promise<NextPlace> {
  checkAddress(peer, address);
  if ("loopback" in address) return { ...place, address };
  return { ...place, address: { loopback: await pipes.open(peer.device!, address.pipe) }, isPiped: true };
}
