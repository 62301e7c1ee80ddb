import { KEY_BYTES } from "../handshake/keys.ts";
import { PIPE_BYTES } from "./device.ts";
import { LONGEST_ID } from "./executor.ts";
import { bytes, integer, list, map, operation, optional, text, truth } from "./fields.ts";

/** Bytes of a nonce of pairing. */
export const PAIRING_NONCE_BYTES = 16;
/** Bytes of a lane's certificate, of whatever device: X.509 of one form (gpmd/link/pipes/lane_certificate.ts). */
export const LANE_CERTIFICATE_BYTES = 356;
/** Bytes of the proof that a device has the key of the certificate that it sends: a signature, Ed25519. */
const LANE_PROOF_BYTES = 64;
/** Bytes of a proof of pairing, HMAC-SHA256. */
const PROOF_BYTES = 32;

const name = text(64);
const addresses = list(text(64), "strings");
const id = text(LONGEST_ID);
const asking = map({ name, id });
const ticket = bytes(KEY_BYTES);
const pipe = bytes(PIPE_BYTES);
const nonce = bytes(PAIRING_NONCE_BYTES);
const hello = {
  instance: text(64),
  addresses,
  software: text(),
  relay: optional(truth),
  time: optional(integer(0, Number.MAX_SAFE_INTEGER)),
};
const lane = {
  certificate: bytes(LANE_CERTIFICATE_BYTES),
  port: integer(0, 65_535),
  proof: bytes(LANE_PROOF_BYTES),
};
const introduction = { mac: bytes(PROOF_BYTES), name, addresses };

/** What the links of two devices ask each other (docs/protocol.md, "Between the links of two devices"). */
export const LINK_OPERATIONS = {
  "device.hello": operation(hello, hello),
  "link.locate": operation({ name: text(), by: asking }, { name, id, ticket, pipe }),
  "link.command": operation({}, { pipe }),
  "lane.offer": operation(lane, lane),
  "pair.begin": operation({ nonce }, { nonce }),
  "pair.prove": operation({ ...introduction, chosen: optional(truth) }, introduction),
  "pair.finish": operation({}, {}),
};

/** What the links of two devices tell each other. */
export const LINK_NOTICES = {
  "device.leaving": map({ reason: optional(text(4096)) }),
};
