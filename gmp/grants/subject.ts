import { GhostError } from "../errors.ts";
import type { Identity } from "../handshake/identity.ts";
import { isName } from "../names.ts";

/** All callers, whatever their device. */
const EVERYONE = "everyone";
/** All nodes of this device. */
export const LOCAL = "local";

/**
 * Returns `text` if it says who may do something: `everyone`, `local`, a device (`laptop`), or a node of one
 * (`node-1@laptop`, `node-1@local`).
 *
 * @throws {GhostError} `INVALID_NAME`.
 */
export function checkSubject(text: string): string {
  const [first = "", device, ...more] = text.split("@");
  if (more.length === 0 && isName(first) && (device === undefined || isName(device) && device !== EVERYONE)) {
    return text;
  }
  throw new GhostError(
    "INVALID_NAME",
    `Cannot grant anything to ${JSON.stringify(text.slice(0, 80))}: ` +
      "it is neither everyone, local, a device, nor a node such as node-1@laptop or node-1@local",
  );
}

/** The device that `subject` is about: itself, or that of its node; none for `everyone` and `local`. */
export function deviceOf(subject: string): string | undefined {
  const device = subject.slice(subject.indexOf("@") + 1);
  return device === LOCAL || subject === EVERYONE ? undefined : device;
}

/** `subject`, of the device `to` if it was of the device `from`. */
export function renamedSubject(subject: string, from: string, to: string): string {
  if (deviceOf(subject) !== from) return subject;
  return subject.slice(0, subject.length - from.length) + to;
}

/** Who `caller` is to grants, the narrowest first: its node, its device, everyone. */
export function subjectsOf({ device = LOCAL, node }: Identity): string[] {
  return [...node === undefined ? [] : [`${node.name}@${device}`], device, EVERYONE];
}
