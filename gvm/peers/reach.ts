import { dialWithTicket } from "../../gmp/ports/dial_with_ticket.ts";
import { GhostError } from "../../gmp/errors.ts";
import { type Authenticated, isSilence } from "../../gmp/handshake/handshake.ts";
import type { LocatedNode } from "../../gmp/messages/gpmd.ts";
import { type NodeAddress, writeNodeAddress } from "../../gmp/names.ts";
import { isExhausted } from "../../gmp/system_error.ts";
import { systemFault } from "../../gmp/system_fault.ts";
import { cancelled } from "../../gmp/async/until_aborted.ts";

/** True for the refusal of a node that dialled us at the same instant. */
export function isCrossing(error: unknown): boolean {
  return error instanceof GhostError && error.details?.simultaneous === true;
}

/**
 * True for the refusal of a node that did not know the ticket: under load it may be dialled before it reads
 * GPMD's announcement.
 */
export function isEarly(error: unknown): boolean {
  return error instanceof GhostError && error.code === "UNAUTHENTICATED";
}

/**
 * Dials the front door of `node`, which has that address. @throws {GhostError} `CONNECTION_LOST`, `RESOURCE_EXHAUSTED`, `CANCELLED`.
 */
export async function reach(
  node: LocatedNode,
  address: NodeAddress,
  signal: AbortSignal,
): Promise<Authenticated> {
  const { id, address: hostname, port, ticket } = node;
  const name = writeNodeAddress(address);
  const isPiped = address.device !== undefined;
  try {
    return await dialWithTicket({ hostname, port, isPiped, ticket, audience: `node/${id}`, signal });
  } catch (error) {
    if (signal.aborted) throw cancelled(signal);
    if (error instanceof GhostError && !isSilence(error)) throw error;
    if (isExhausted(error)) throw systemFault("CONNECTION_LOST", `connect to "${name}"`, error);
    throw new GhostError("CONNECTION_LOST", `Cannot connect: "${name}" does not answer`, { cause: error });
  }
}
