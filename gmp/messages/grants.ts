import { MEMORY_RANGE, TIME_RANGE } from "../call_limits.ts";
import { integer, list, map, operation, optional, text } from "./fields.ts";

/** What a caller may use at most under a grant, where that is less than the node's own limits. */
export interface GrantLimits {
  /** Milliseconds of one call or run. */
  readonly time?: number;
  /** Bytes of linear memory of all that the caller runs under this limit. */
  readonly memory?: number;
}

/** Something that a caller may do, and how much of it. */
export interface SessionGrant extends GrantLimits {
  /** What: `*`, `math.*`, `math`, `math.add`, `ship` and so on. */
  readonly what: string;
}

/** What somebody may do on the nodes of this device. */
export interface Grant extends SessionGrant {
  /** Who: `everyone`, `local`, `laptop`, `node-1@laptop`. */
  readonly subject: string;
}

/** Characters of WHO at most: two names with an `@` between them. */
export const LONGEST_SUBJECT = 129;
/** Characters of WHAT at most: a module's name, and an exported name of a length that a person would type. */
export const LONGEST_WHAT = 256;
/** Several of them in one request. */
const WHAT = list(text(LONGEST_WHAT), "grants");

const what = text(LONGEST_WHAT);
const subject = text(LONGEST_SUBJECT);
const limits = {
  time: optional(integer(TIME_RANGE.least, TIME_RANGE.greatest)),
  memory: optional(integer(MEMORY_RANGE.least, MEMORY_RANGE.greatest)),
};

/** All grants of a device. */
export const GRANTS = list(map({ subject, what, ...limits }), "grants");
/** Those of one caller. */
export const SESSION_GRANTS = list(map({ what, ...limits }), "grants");
/** The nodes that have not confirmed a change. */
const unconfirmed = list(text(64), "names");

/** What commands ask GPMD about grants, and what GPMD tells its nodes (docs/protocol.md, "Grants"). */
export const GRANT_OPERATIONS = {
  "grants.list": operation({ subject: optional(subject) }, { grants: GRANTS }),
  "grants.add": operation({ subject, what: WHAT, ...limits }, { grants: GRANTS, unconfirmed }),
  "grants.remove": operation({ subject, what: WHAT }, { grants: GRANTS, unconfirmed }),
  "grants.apply": operation({ grants: GRANTS }, {}),
};
