import { GhostError } from "../../gmp/errors.ts";
import { MAX_MODULE_SIZE } from "../../gmp/messages/module.ts";
import { isHash, isName } from "../../gmp/names.ts";
import type { ModuleVersion, Versions } from "./module_index.ts";
import { type UpgradedVersion, upgradeVersions } from "./upgrade_versions.ts";

/** The format of `ghost.modules.json`, which it names. Format 1 had only the modules, and any word as a version. */
export const FORMAT = 2;

/** What `ghost.modules.json` has. */
export interface IndexContents {
  /** The versions of each module. */
  readonly modules: ReadonlyMap<string, Versions>;
  /** The names of their files. */
  readonly files: ReadonlySet<string>;
  /** The versions that have another name than in the text. */
  readonly upgraded: readonly UpgradedVersion[];
  /** Whether the text has an earlier format. */
  readonly isOutdated: boolean;
}

/**
 * Reads what `ModuleIndex.format` wrote, in format 1 too: see {@linkcode upgradeVersions}. It refuses anything that it does
 * not know, so that it never writes back a later GPMD's index with parts missing.
 *
 * @throws {GhostError} `STORE_FAULT`, saying what is wrong; the message names the index by `path`.
 */
export function readIndex(text: string, path: string): IndexContents {
  const fail: Fail = (reason) => {
    throw new GhostError("STORE_FAULT", `Cannot use the module index "${path}": ${reason}`);
  };
  const modules = new Map<string, Versions>();
  const files = new Set<string>();
  const upgraded: UpgradedVersion[] = [];
  const { format, entries } = readFormat(parseObject(text, fail), fail);
  for (const [name, entry] of Object.entries(entries)) {
    const shown = JSON.stringify(name.slice(0, 80));
    if (!isName(name)) fail(`it has an entry ${shown}, ${UNKNOWN_HERE}`);
    const fields = checkFields(entry, ["name", "versions"], `module "${name}"`, fail);
    if (fields.name !== name) fail(`module "${name}" has a wrong "name"`);
    const versions = asObject(fields.versions, `"versions" of module "${name}"`, fail);
    const stored = Object.entries(versions).map(([version, value]) => checkEntry(name, version, value, fail));
    if (stored.length === 0) fail(`module "${name}" has no versions`);
    const read = upgradeVersions(name, stored);
    for (const { file } of read.versions) {
      if (files.has(file)) fail(`the file "${file}" is named twice`);
      files.add(file);
    }
    upgraded.push(...read.upgraded);
    modules.set(name, new Map(read.versions.map((one) => [one.version, one])));
  }
  return { modules, files, upgraded, isOutdated: format < FORMAT };
}

/** The format of an index, and its modules. */
function readFormat(
  index: Record<string, unknown>,
  fail: Fail,
): { format: number; entries: Record<string, unknown> } {
  // In format 1, a module may be called "format"; then there is a map under that name.
  if (typeof index.format !== "number") return { format: 1, entries: index };
  if (index.format !== FORMAT) {
    fail(`it has format ${index.format}, ${UNKNOWN_HERE}`);
  }
  const { modules } = checkFields(index, ["format", "modules"], "it", fail);
  return { format: FORMAT, entries: asObject(modules, '"modules"', fail) };
}

/** True for the file name of any version of the module: an upgraded version keeps its file. */
function isFileOf(name: string, file: unknown): boolean {
  const match = typeof file === "string" && file.startsWith(name) &&
    /^[-~](.*)\.wasm$/.exec(file.slice(name.length));
  return match !== false && match !== null && isName(match[1]);
}

/** The message about an entry that no version up to this one writes. */
const UNKNOWN_HERE =
  "which this version of GPMD does not know; upgrade Ghost Network if a later one wrote it";

type Fail = (reason: string) => never;

function parseObject(text: string, fail: Fail): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    fail("it is not JSON");
  }
  return asObject(value, "it", fail);
}

function asObject(value: unknown, what: string, fail: Fail): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  return fail(`${what} is not an object`);
}

/** The fields of `value`, which must be exactly `expected`. */
function checkFields(
  value: unknown,
  expected: readonly string[],
  what: string,
  fail: Fail,
): Record<string, unknown> {
  const fields = asObject(value, what, fail);
  const missing = expected.find((field) => !Object.hasOwn(fields, field));
  if (missing !== undefined) fail(`${what} has no "${missing}"`);
  const unknown = Object.keys(fields).find((field) => !expected.includes(field));
  if (unknown !== undefined) fail(`${what} has a "${unknown}", ${UNKNOWN_HERE}`);
  return fields;
}

function checkEntry(name: string, version: string, value: unknown, fail: Fail): ModuleVersion {
  const what = `version ${JSON.stringify(version)} of module "${name}"`;
  const fields = checkFields(value, ["version", "file", "hash", "size", "uploadedAt"], what, fail);
  const { file, hash, size, uploadedAt } = fields;
  const wrong = !isName(version) || fields.version !== version
    ? "version"
    : !isFileOf(name, file)
    ? "file"
    : !isHash(hash)
    ? "hash"
    : !(Number.isInteger(size) && size as number > 0 && size as number <= MAX_MODULE_SIZE)
    ? "size"
    : !(typeof uploadedAt === "string" && !Number.isNaN(Date.parse(uploadedAt)))
    ? "uploadedAt"
    : undefined;
  if (wrong !== undefined) fail(`${what} has a wrong "${wrong}"`);
  return fields as unknown as ModuleVersion;
}
