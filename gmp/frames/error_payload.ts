import { type Body, type BodyFields, checkBody, decodeBody, encodeBody, stringIn } from "./body.ts";
import { GhostError, isErrorCode } from "../errors.ts";
import { Kind, SESSION_CAPS } from "./frame.ts";

/** UTF-16 units of a message that are sent: a sentence and what it quotes. Twice as many are read. */
const MAX_MESSAGE = 4096;
/** Bytes that decoded details may take; larger ones are left out, since an error may be kept for a long time. */
const MAX_DETAILS = 1 << 16;
const FIELDS: BodyFields = { plain: ["code", "message", "retryable"] };
const DETAILS: BodyFields = { nested: ["details"] };

/**
 * The GhostError that the payload of an ERROR frame describes, or `BAD_REQUEST` if it describes none that is known
 * here, which is not our fault.
 */
export function readError(payload: Uint8Array): GhostError {
  try {
    const isSmall = checkBody(payload, DETAILS).cost <= MAX_DETAILS;
    const body = decodeBody(payload, isSmall ? { ...FIELDS, ...DETAILS } : FIELDS);
    const code = isErrorCode(body.code) ? body.code : "BAD_REQUEST";
    const details = body.details;
    return new GhostError(code, stringIn(body, "message", 2 * MAX_MESSAGE), {
      retryable: body.retryable === true,
      ...(typeof details === "object" && details !== null ? { details: details as Body } : {}),
    });
  } catch (cause) {
    return new GhostError("BAD_REQUEST", "The other side sent an error that cannot be read", { cause });
  }
}

/** The payload of the ERROR frame for `error`; details that cannot be encoded are left out. */
export function errorPayload(error: GhostError): Uint8Array {
  const body: Body = {
    code: error.code,
    message: error.message.slice(0, MAX_MESSAGE),
    retryable: error.retryable,
  };
  if (error.details !== undefined) {
    try {
      const payload = encodeBody({ ...body, details: error.details });
      if (payload.length <= SESSION_CAPS[Kind.ERROR]!) return payload;
    } catch {
      // The code and the sentence are what matters.
    }
  }
  return encodeBody(body);
}
