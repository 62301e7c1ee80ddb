import { GhostError } from "../errors.ts";
import type { Identity } from "../handshake/identity.ts";
import type { Grant, SessionGrant } from "../messages/grants.ts";
import { isDrawnName } from "../names.ts";
import { subjectsOf } from "./subject.ts";
import { isRight } from "./what.ts";

/**
 * What `caller` may do by `grants`: all that is granted to its node, its device or everyone. Where the same is granted to
 * several of these, the limits are those of the narrowest.
 */
export function grantsOf(caller: Identity, grants: readonly Grant[]): SessionGrant[] {
  const found = new Map<string, SessionGrant>();
  for (const subject of subjectsOf(caller)) {
    for (const { subject: granted, ...grant } of grants) {
      if (granted === subject && !found.has(grant.what)) found.set(grant.what, grant);
    }
  }
  return [...found.values()];
}

/** What one caller may do, ready to be asked. */
export class Granted {
  readonly #grants: ReadonlyMap<string, SessionGrant>;
  /** Whether there is any run or function among it. */
  readonly allowsCalls: boolean;

  /** From the list that {@linkcode grantsOf} makes. */
  constructor(grants: readonly SessionGrant[]) {
    this.#grants = new Map(grants.map((grant) => [grant.what, grant]));
    this.allowsCalls = grants.some(({ what }) => !isRight(what));
  }

  /** The first of `wanted` that is granted; it decides the limits. Nothing if none is. */
  find(wanted: readonly string[]): SessionGrant | undefined {
    for (const what of wanted) {
      const grant = this.#grants.get(what);
      if (grant !== undefined) return grant;
    }
    return undefined;
  }
}

/**
 * The error of a caller that may not `action`, such as `call math.add`, for which it would need `what`. It says how to give
 * that: to the caller, or to its device where nobody has chosen the node's name, which its user's next node will not have.
 */
export function notGranted(caller: Identity, action: string, what: string): GhostError {
  const [asking, wider] = subjectsOf(caller) as [string, string];
  const subject = caller.node !== undefined && isDrawnName(caller.node.name) ? wider : asking;
  const where = caller.device === undefined ? "" : " there";
  return new GhostError(
    "NOT_GRANTED",
    `Cannot ${action}: ${asking} may not; to allow it, run${where}: gpmd grant ${subject} ${shellWord(what)}`,
    { details: { subject, what } },
  );
}

/** `text` as a word that a shell takes as it is. */
export function shellWord(text: string): string {
  return /^[\w.@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
