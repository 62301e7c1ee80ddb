import { bytes, integer, operation, optional, text } from "./fields.ts";
import { IDENTITY } from "./identity.ts";
import { KEY_BYTES } from "../handshake/keys.ts";

const session = integer(0, 2 ** 31 - 1);
const hash = text(64);
const name = text(64);
const version = text(64);
const size = integer(0, 2 ** 31);

/** What a node and its executors ask each other (docs/protocol.md, "Between a node and its own executors"). */
export const EXECUTOR_OPERATIONS = {
  "session.open": operation({ session, ticket: bytes(KEY_BYTES), caller: IDENTITY }, {}),
  "session.close": operation({ session }, {}),
  "session.cancel": operation({ session, id: integer(0, 2 ** 32 - 1) }, {}),
  "executor.resolve": operation({ name, version: optional(version) }, { name, version, hash, size }),
  "executor.fetch": operation({ hash }, { size }),
};
