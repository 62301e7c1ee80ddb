import { GhostError } from "../../gmp/errors.ts";
import { checkSubject } from "../../gmp/grants/subject.ts";
import { parseWhat } from "../../gmp/grants/what.ts";
import { type Grant, GRANTS } from "../../gmp/messages/grants.ts";
import { replaceFile, statIfThere } from "../../gmp/device/durable.ts";
import { storeFault } from "../store/_fault.ts";
import { FIRST_GRANTS, MAX_GRANTS } from "./grant_list.ts";

/** The file of the grants, in the store. */
export const GRANTS_FILE = "grants.json";
/** Bytes of it at most: as many grants as there may be, each of the greatest length. */
export const MAX_FILE_SIZE = 4 * 1024 * 1024;
/** The format that it names. */
const FORMAT = 1;
const FIELDS = ["subject", "what", "time", "memory"];

/**
 * The grants in the store at `home`; those of a new device if there is no file. A file that is not as it should be grants
 * nothing, not even what can be read of it.
 *
 * @throws {GhostError} `STORE_FAULT`.
 */
export async function readGrants(home: string): Promise<readonly Grant[]> {
  const path = `${home}/${GRANTS_FILE}`;
  try {
    const info = await statIfThere(path);
    if (info === undefined) return FIRST_GRANTS;
    if (!info.isFile) throw fault(path, "it is not a file of the store's own");
    if (info.size > MAX_FILE_SIZE) throw fault(path, `it has more than ${MAX_FILE_SIZE} bytes`);
    return parseGrants(await Deno.readTextFile(path), path);
  } catch (error) {
    throw storeFault(`read the grants "${path}"`, error);
  }
}

/** Replaces the grants in the store at `home`, whole and durably; `onReplaced` is called once the new ones are there. */
export async function writeGrants(
  home: string,
  grants: readonly Grant[],
  onReplaced: () => void,
): Promise<void> {
  try {
    await replaceFile(home, GRANTS_FILE, new TextEncoder().encode(formatGrants(grants)), onReplaced);
  } catch (error) {
    throw storeFault("change the grants", error);
  }
}

/** The text of the file, readable by people: a grant in each line. */
export function formatGrants(grants: readonly Grant[]): string {
  const lines = grants.map((grant) => `\n    ${JSON.stringify(grant)}`).join(",");
  return `{\n  "format": ${FORMAT},\n  "grants": [${lines}\n  ]\n}\n`;
}

/** Reads what {@linkcode formatGrants} wrote. @throws {GhostError} `STORE_FAULT`, naming the file by `path`. */
export function parseGrants(text: string, path: string): Grant[] {
  const { format, grants, ...others } = objectIn(text, path);
  if (format !== FORMAT) throw fault(path, `it has format ${JSON.stringify(format)}, ${UNKNOWN_HERE}`);
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw fault(path, `it has a ${JSON.stringify(unknown)}, ${UNKNOWN_HERE}`);
  if (!Array.isArray(grants) || grants.length > MAX_GRANTS) {
    throw fault(path, `its "grants" are not a list of at most ${MAX_GRANTS}`);
  }
  const seen = new Set<string>();
  return grants.map((entry: unknown, i) => {
    const grant = checkGrant(entry, (reason) => fault(path, `grant ${i + 1} ${reason}`));
    const key = `${grant.subject} ${grant.what}`;
    if (seen.has(key)) throw fault(path, `grant ${i + 1} is there twice`);
    seen.add(key);
    return grant;
  });
}

const UNKNOWN_HERE =
  "which this version of GPMD does not know; upgrade Ghost Network if a later one wrote it";

function fault(path: string, reason: string): GhostError {
  return new GhostError("STORE_FAULT", `Cannot use the grants "${path}": ${reason}`);
}

function objectIn(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fault(path, "it is not JSON");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw fault(path, "it is not an object");
}

function checkGrant(entry: unknown, wrong: (reason: string) => GhostError): Grant {
  try {
    const [grant] = GRANTS.read([entry]) ?? [];
    if (grant === undefined) throw wrong("is not an object");
    const unknown = Object.keys(entry as object).find((field) => !FIELDS.includes(field));
    if (unknown !== undefined) throw wrong(`has a ${JSON.stringify(unknown)}, ${UNKNOWN_HERE}`);
    checkSubject(grant.subject);
    if (parseWhat(grant.what) !== grant.what) throw wrong(`has "${grant.what}", which is written otherwise`);
    return grant;
  } catch (error) {
    const { code, message } = GhostError.from(error);
    throw code === "STORE_FAULT" ? error : wrong(`is wrong. ${message}`);
  }
}
