import { GhostError } from "../../gmp/errors.ts";
import { encodeBody } from "../../gmp/frames/body.ts";
import { shellWord } from "../../gmp/grants/granted.ts";
import { checkSubject, deviceOf, LOCAL, renamedSubject } from "../../gmp/grants/subject.ts";
import { ANYTHING, parseWhat } from "../../gmp/grants/what.ts";
import type { Grant, GrantLimits } from "../../gmp/messages/grants.ts";
import { MESSAGES } from "../../gmp/messages/messages.ts";

/** Grants of a device at most, so that all of them are one REQUEST: it may have 16384 values, and each takes up to 5. */
export const MAX_GRANTS = 3000;
/** Bytes of all grants as a message at most: a REQUEST has 262144. */
export const MAX_GRANTS_SIZE = 250_000;

/** What nodes of this device, and newly paired devices, may do until somebody says otherwise. */
const USUAL = [ANYTHING, "ship", "modules"] as const;

/** What a device is granted when it is paired. */
export function grantDefaults(device: string): Grant[] {
  return USUAL.map((what) => ({ subject: checkSubject(device), what }));
}

/** The grants of a device that has never changed any: its own nodes may do with each other as they please. */
export const FIRST_GRANTS: readonly Grant[] = grantDefaults(LOCAL);

/**
 * `grants` with `what` granted to `subject` within `limits`, which replace those that it was granted within before.
 *
 * @throws {GhostError} `INVALID_NAME`; `RESOURCE_EXHAUSTED` beyond {@linkcode MAX_GRANTS} or {@linkcode MAX_GRANTS_SIZE}.
 */
export function withGrants(
  grants: readonly Grant[],
  { subject, what, ...limits }: GrantLimits & { readonly subject: string; readonly what: readonly string[] },
): Grant[] {
  const names = namesIn(subject, what);
  const added = names.map((what): Grant => ({ subject, what, ...limits }));
  const isReplaced = (one: Grant) => one.subject === subject && names.includes(one.what);
  return checkRoom([...grants.filter((one) => !isReplaced(one)), ...added]);
}

/**
 * `grants` without those of `what` to `subject`.
 *
 * @throws {GhostError} `INVALID_NAME`; `NOT_GRANTED` when one of them is not granted, with what is.
 */
export function withoutGrants(
  grants: readonly Grant[],
  { subject, what }: { readonly subject: string; readonly what: readonly string[] },
): Grant[] {
  const names = namesIn(subject, what);
  const granted = grants.filter((one) => one.subject === subject).map((one) => one.what);
  const missing = names.find((one) => !granted.includes(one));
  if (missing !== undefined) {
    const have = granted.length === 0 ? "nothing is" : `granted ${granted.length === 1 ? "is" : "are"} ` +
      shortened(granted).map(shellWord).join(", ");
    throw new GhostError(
      "NOT_GRANTED",
      `Cannot revoke ${shellWord(missing)} from ${subject}: it is not granted to ${subject}; ${have}`,
      { details: { granted: shortened(granted) } },
    );
  }
  return grants.filter((one) => one.subject !== subject || !names.includes(one.what));
}

/** `grants` without any to `device` and its nodes. */
export function withoutDevice(grants: readonly Grant[], device: string): Grant[] {
  return grants.filter(({ subject }) => deviceOf(subject) !== device);
}

/** `grants`, with those to the device `from` and its nodes for the device `to` instead. */
export function withRenamedDevice(grants: readonly Grant[], from: string, to: string): Grant[] {
  const kept = withoutDevice(grants, checkSubject(to)); // of a device that had the name before
  return checkRoom(kept.map((one) => ({ ...one, subject: renamedSubject(one.subject, from, to) })));
}

/** What is granted to `subject`; everything when it is left out. */
export function grantsTo(grants: readonly Grant[], subject: string | undefined): Grant[] {
  return grants.filter((one) => subject === undefined || one.subject === checkSubject(subject));
}

/** What a message names at most. */
const NAMED = 10;

function shortened(granted: readonly string[]): string[] {
  return granted.length <= NAMED
    ? [...granted]
    : [...granted.slice(0, NAMED), `${granted.length - NAMED} more`];
}

function namesIn(subject: string, what: readonly string[]): string[] {
  checkSubject(subject);
  if (what.length === 0) throw new GhostError("BAD_REQUEST", "Cannot change grants: nothing is named");
  return [...new Set(what.map(parseWhat))];
}

function checkRoom(grants: Grant[]): Grant[] {
  if (grants.length > MAX_GRANTS) {
    throw new GhostError("RESOURCE_EXHAUSTED", `Cannot grant more: there are ${MAX_GRANTS} grants already`, {
      retryable: false,
    });
  }
  const size = encodeBody(MESSAGES["grants.apply"].request.encode({ grants })).length;
  if (size <= MAX_GRANTS_SIZE) return grants;
  throw new GhostError(
    "RESOURCE_EXHAUSTED",
    `Cannot grant more: all grants together would have ${size} bytes, and may have ${MAX_GRANTS_SIZE}`,
    { retryable: false },
  );
}
