import { GhostError } from "../../gmp/errors.ts";
import { type Body, encodeBody } from "../../gmp/frames/body.ts";
import { payloadOf } from "../../gmp/frames/decoder.ts";
import { readError } from "../../gmp/frames/error_payload.ts";
import { HEADER_BYTES, Kind, writeHeader } from "../../gmp/frames/frame.ts";
import type { Authenticated } from "../../gmp/handshake/handshake.ts";
import { LINK_KEY_NAME } from "../../gmp/handshake/keys.ts";
import { MESSAGES } from "../../gmp/messages/messages.ts";
import { OPERATIONS } from "../../gmp/messages/operations.ts";
import { reachGpmd } from "../../gmp/ports/reach_gpmd.ts";
import { readBytes, type Transport, writeBytes } from "../../gmp/transports/transport.ts";
import type { GpmdPlace } from "./gpmd_connection.ts";
import type { PipeEnd } from "./pipes/pipe_end.ts";
import { TransportEnd } from "./transport_end.ts";

/** What a connection is for. */
type FirstRequest = [operation: "device.enter" | "device.reached", body: Body];

/** The id of the one request that is made here: its answer has come before the other device asks anything. */
const REQUEST_ID = 1;

/**
 * A connection to GPMD that serves the commands of `device`: from here on its frames are the other device's.
 *
 * @throws {GhostError} as `reachGpmd`, and what GPMD answers.
 */
export function enterGpmd(place: GpmdPlace, device: string): Promise<Transport> {
  return connect(place, "device.enter", MESSAGES["device.enter"].request.encode({ device }));
}

/**
 * A connection over which GPMD, which has asked for it with `token`, asks another device: from here on its frames are for
 * that one.
 *
 * @throws {GhostError} as {@linkcode enterGpmd}.
 */
export async function wayForGpmd(place: GpmdPlace, token: Uint8Array): Promise<PipeEnd> {
  const body = MESSAGES["device.reached"].request.encode({ token });
  return new TransportEnd(await connect(place, "device.reached", body));
}

async function connect({ gmpPort: port, key }: GpmdPlace, ...asked: FirstRequest): Promise<Transport> {
  const connection = await reachGpmd({ audience: "gpmd/nodes", port, keyName: LINK_KEY_NAME }, key);
  try {
    await ask(connection, ...asked);
    return connection.transport;
  } catch (error) {
    connection.transport.close();
    throw error;
  }
}

async function ask({ transport, decoder }: Authenticated, ...[operation, body]: FirstRequest): Promise<void> {
  const payload = encodeBody(body);
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  writeHeader(view, 0, payload.length, Kind.REQUEST, 0, OPERATIONS[operation], REQUEST_ID);
  bytes.set(payload, HEADER_BYTES);
  await writeBytes(transport, bytes);
  for (;;) {
    const frame = decoder.next();
    if (frame?.kind === Kind.ERROR) throw readError(payloadOf(frame));
    if (frame?.kind === Kind.REPLY) return;
    if (frame !== undefined) continue;
    const chunk = await readBytes(transport);
    if (chunk === null) throw new GhostError("CONNECTION_LOST");
    decoder.push(chunk);
  }
}
