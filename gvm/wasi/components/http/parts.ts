import type { HostFunction } from "../../../component/host.ts";
import { err, ok, type Result } from "../result.ts";
import { TOKEN } from "./fields.ts";

/** Longest method, path or authority, in UTF-16 units: what servers take in a request's line. */
export const MAX_TEXT = 8192;

/** The variant `method` or `scheme`. */
interface Case {
  readonly tag: string;
  readonly val?: string;
}

/** A `result` without values. */
type Outcome = Result<undefined, undefined>;

/** What is kept of a part of a message that is set; `REFUSED` if it is not valid. */
type Accept = (value: unknown) => unknown;

/** Whatever has parts by name. */
interface WithParts {
  readonly parts: Record<string, unknown>;
}

const REFUSED: unique symbol = Symbol("refused");

/** RFC 9110, 9.3, and `PATCH` of RFC 5789. */
const METHODS = new Set(["get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"]);
/** RFC 3986, 3.1. */
const SCHEME = /^[a-z][a-z0-9+.-]*$/i;
/** RFC 3986, 3.3 and 3.4, relative paths and letters beyond ASCII included. */
const PATH = /^[\w\-.~%!$&'()*+,;=:@/?\u0080-\u{10ffff}]*$/u;
/** RFC 3986, 3.2. */
const AUTHORITY = /^(?:[\w\-.~%!$&'()*+,;=:]*@)?(?:[\w\-.~%!$&'()*+,;=]+|\[[\da-f:.]+\])(?::\d*)?$/i;

/** What each part of a message may be. */
export const ACCEPTED = {
  "method": (value) => {
    const { tag, val } = value as Case;
    if (tag !== "other") return value;
    const known = val!.toLowerCase();
    if (METHODS.has(known) && val === val!.toUpperCase()) return { tag: known };
    return isText(val, TOKEN) ? value : REFUSED;
  },
  "scheme": (value) => {
    if (value === undefined) return value;
    const { tag, val } = value as Case;
    if (tag !== "other") return value;
    const known = val!.toUpperCase();
    if (known === "HTTP" || known === "HTTPS") return { tag: known };
    return isText(val, SCHEME) ? value : REFUSED;
  },
  "path-with-query": (value) => value === "" ? "/" : optional(value, PATH),
  "authority": (value) => optional(value, AUTHORITY),
  /** RFC 9110, 15: of five classes. */
  "status-code": (value) => Number(value) >= 100 && Number(value) < 600 ? value : REFUSED,
} as const satisfies Record<string, Accept>;

/** The methods that tell and set `part` of a resource; 0.3 tells it by another name than 0.2. */
export function accessors(
  resource: string,
  part: string,
  accept: Accept,
  getter: string,
): Record<string, HostFunction> {
  return {
    [`[method]${resource}.${getter}`]: ({ parts }: WithParts): unknown => parts[part],
    [`[method]${resource}.set-${part}`]: ({ parts }: WithParts, value: unknown): Outcome => {
      const accepted = accept(value);
      if (accepted === REFUSED) return err(undefined);
      parts[part] = accepted;
      return ok(undefined);
    },
  };
}

function optional(value: unknown, pattern: RegExp): unknown {
  return value === undefined || isText(value, pattern) ? value : REFUSED;
}

function isText(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && value.length <= MAX_TEXT && pattern.test(value);
}
