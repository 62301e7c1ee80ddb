import type { Channel } from "../../gmp/channel/channel.ts";
import { request } from "../../gmp/channel/messages.ts";
import type { ReceivedReply, Request } from "../../gmp/messages/messages.ts";
import type { OperationName } from "../../gmp/messages/operations.ts";

/**
 * Milliseconds that another device has to answer. GPMD waits for 8 s, so one that takes questions and answers none leaves
 * none of GPMD's open, of which there may only be so many for all devices together.
 */
const DEVICE_ANSWER_TIME = 7000;

/**
 * Asks the device at the other end of `channel`.
 *
 * @throws {GhostError} what it answers; `CONNECTION_LOST`, also when it does not answer in time; `CANCELLED`.
 */
export function askDevice<Name extends OperationName>(
  channel: Channel,
  name: Name,
  fields: Request<Name>,
  signal: AbortSignal | undefined,
): Promise<ReceivedReply<Name>> {
  const options = { timeout: DEVICE_ANSWER_TIME, ...signal === undefined ? {} : { signal } };
  return request(channel, name, fields, options);
}
