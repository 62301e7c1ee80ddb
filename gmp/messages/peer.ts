import { bytes, choice, integer, map, operation, optional, text, truth } from "./fields.ts";
import { LONGEST_ID } from "./executor.ts";
import { KEY_BYTES } from "../handshake/keys.ts";
import { PIPE_BYTES } from "./device.ts";

/** How to reach something that listens on the same device. */
export interface LoopbackAddress {
  /** The port, 1 to 65535. */
  readonly loopback: number;
}

/** How to reach something that listens: by a port of the same device, or by what another device has offered. */
export type Address = LoopbackAddress | {
  /** The token of the offer, {@linkcode PIPE_BYTES} long. */
  readonly pipe: Uint8Array;
};

const executor = text(LONGEST_ID);
const callId = integer(0, 2 ** 32 - 1);
const address = choice({ loopback: integer(1, 65_535), pipe: bytes(PIPE_BYTES) });
const place = { executor, address, ticket: bytes(KEY_BYTES) };
const introduction = { name: text(64), id: text(LONGEST_ID), place: map(place) };

/** What the front doors of two nodes ask each other (docs/protocol.md, "At a node's front door"). */
export const PEER_OPERATIONS = {
  "peer.connect": operation(introduction, introduction),
  "call.cancel": operation({ executor, id: callId }, {}),
  "executor.open": operation({ executor: optional(executor) }, {
    ...place,
    restarted: truth,
    reason: optional(text(4096)),
  }),
};

/** What two nodes tell each other, beside `modules.changed`. */
export const PEER_NOTICES = {
  "call.stopped": map({ executor, id: callId, code: text(64), message: text(4096) }),
};
