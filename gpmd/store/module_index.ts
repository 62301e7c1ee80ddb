import { GhostError } from "../../gmp/errors.ts";
import { checkName, checkVersion, isHash, isName } from "../../gmp/names.ts";
import { MAX_MODULE_SIZE, type ModuleSummary } from "../../gmp/messages/module.ts";
import { nearest } from "../../gmp/nearest.ts";
import { type UpgradedVersion, upgradeVersions } from "./upgrade_versions.ts";
import { compareVersions, latestVersion } from "./versions.ts";

/** Bytes of `ghost.modules.json` at most: about 60,000 versions, read and written as a whole. */
export const MAX_INDEX_SIZE = 16 * 1024 * 1024;

/**
 * Versions of all modules together: a REPLY has 200,000 values at most, of which `module.list` takes five for a module of one
 * version, and `module.remove` six for each version.
 */
export const MAX_VERSIONS = 30_000;

/** The format of `ghost.modules.json`, which it names. Format 1 had only the modules, and any word as a version. */
const FORMAT = 2;

/** One version of a module, as `ghost.modules.json` has it. */
export interface ModuleVersion {
  version: string;
  /** Name of the file, in the directory of the index. */
  file: string;
  /** SHA-256 of the file, 64 hexadecimal digits in lower case. */
  hash: string;
  /** Bytes of the file. */
  size: number;
  /** ISO 8601, UTC. */
  uploadedAt: string;
  /** It ends with the connection that published it. It is never in the file, and its remains are swept. */
  temporary?: true;
}

/** A version together with the name of its module. */
export interface PublishedModule extends ModuleVersion {
  name: string;
}

type Versions = ReadonlyMap<string, ModuleVersion>;

/** The contents of `ghost.modules.json`. Immutable: a change makes a new index. */
export class ModuleIndex {
  readonly #modules: ReadonlyMap<string, Versions>;
  readonly #files: ReadonlySet<string>;

  /** The versions that have another name than in the text it was read from. */
  readonly upgraded: readonly UpgradedVersion[];
  /** Whether that text has an earlier format. */
  readonly isOutdated: boolean;

  private constructor(
    modules: ReadonlyMap<string, Versions>,
    files: ReadonlySet<string>,
    upgraded: readonly UpgradedVersion[] = [],
    isOutdated = false,
  ) {
    this.#modules = modules;
    this.#files = files;
    this.upgraded = upgraded;
    this.isOutdated = isOutdated;
  }

  /** The index of an empty store. */
  static readonly EMPTY: ModuleIndex = new ModuleIndex(new Map(), new Set());

  /**
   * Reads what {@linkcode ModuleIndex.format} wrote, in format 1 too: see {@linkcode upgradeVersions}. It refuses
   * anything that it does not know, so that it never writes back a later GPMD's index with parts missing.
   *
   * @throws {GhostError} `STORE_FAULT`, saying what is wrong; the message names the index by `path`.
   */
  static parse(text: string, path: string): ModuleIndex {
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
      const stored = Object.entries(versions).map(([version, value]) =>
        checkEntry(name, version, value, fail)
      );
      if (stored.length === 0) fail(`module "${name}" has no versions`);
      const read = upgradeVersions(name, stored);
      for (const { file } of read.versions) {
        if (files.has(file)) fail(`the file "${file}" is named twice`);
        files.add(file);
      }
      upgraded.push(...read.upgraded);
      modules.set(name, new Map(read.versions.map((one) => [one.version, one])));
    }
    return new ModuleIndex(modules, files, upgraded, format < FORMAT);
  }

  /** The text of `ghost.modules.json`, readable by people, without temporary versions. */
  format(): string {
    const modules: Record<string, unknown> = {};
    for (const [name, versions] of this.#modules) {
      const lasting = [...versions].filter(([, { temporary }]) => temporary === undefined);
      if (lasting.length > 0) modules[name] = { name, versions: Object.fromEntries(lasting) };
    }
    return JSON.stringify({ format: FORMAT, modules }, null, 2) + "\n";
  }

  /**
   * The named version, or the latest when `version` is left out.
   *
   * @throws {GhostError} `INVALID_NAME`, `MODULE_NOT_FOUND` (with `details.suggestion` when a name is close) or
   * `VERSION_NOT_FOUND` (with `details.versions`).
   */
  find(name: string, version?: string): PublishedModule {
    const versions = this.#versionsOf(name);
    const wanted = version === undefined ? latestVersion(versions.keys())! : checkVersion(version);
    const found = versions.get(wanted);
    return found ? { name, ...found } : failVersion(name, wanted, versions);
  }

  /** The named version, or `undefined`. */
  get(name: string, version: string): PublishedModule | undefined {
    const found = this.#modules.get(name)?.get(version);
    return found && { name, ...found };
  }

  /** A version with these bytes: of module `name`, and there the named one, if there are several. */
  withHash(hash: string, name: string, version?: string): PublishedModule | undefined {
    const named = this.#modules.get(name);
    const own = version === undefined ? undefined : named?.get(version);
    if (own?.hash === hash) return { name, ...own };
    for (const one of named?.values() ?? []) if (one.hash === hash) return { name, ...one };
    for (const [name, versions] of this.#modules) {
      for (const one of versions.values()) if (one.hash === hash) return { name, ...one };
    }
    return undefined;
  }

  /** Whether some version has `file`. */
  hasFile(file: string): boolean {
    return this.#files.has(file);
  }

  /** All modules, in the order of their names. */
  list(): ModuleSummary[] {
    return [...this.#modules.keys()].sort().map((name) => {
      const versions = [...this.#modules.get(name)!.keys()].sort(compareVersions);
      return { name, versions, latest: versions.at(-1)! };
    });
  }

  /** All versions of the module, lowest first, or only the named one; throws as {@linkcode find}. */
  select(name: string, version?: string): PublishedModule[] {
    if (version !== undefined) return [this.find(name, version)];
    return [...this.#versionsOf(name).keys()].sort(compareVersions).map((one) => this.find(name, one));
  }

  /** A name for the file of a new version. */
  fileFor(name: string, version: string): string {
    const [plain, distinct] = fileNames(name, version);
    return this.#files.has(plain) ? distinct : plain;
  }

  /** @throws {GhostError} `PAYLOAD_TOO_LARGE` when there are {@linkcode MAX_VERSIONS}. */
  expectRoom(): void {
    if (this.#files.size < MAX_VERSIONS) return;
    throw new GhostError(
      "PAYLOAD_TOO_LARGE",
      `Cannot publish: there are ${this.#files.size} versions already, and may be ${MAX_VERSIONS}; ` +
        "remove some with: gpmd wasm remove",
    );
  }

  /** The index with `module` added. */
  with(module: PublishedModule): ModuleIndex {
    const { name, ...version } = module;
    const versions = new Map(this.#modules.get(name)).set(version.version, version);
    return new ModuleIndex(
      new Map(this.#modules).set(name, versions),
      new Set(this.#files).add(module.file),
    );
  }

  /** The index without `removed`. */
  without(removed: readonly PublishedModule[]): ModuleIndex {
    const modules = new Map(this.#modules);
    const files = new Set(this.#files);
    for (const { name, version, file } of removed) {
      const versions = new Map(modules.get(name));
      versions.delete(version);
      files.delete(file);
      if (versions.size === 0) modules.delete(name);
      else modules.set(name, versions);
    }
    return new ModuleIndex(modules, files);
  }

  #versionsOf(name: string): Versions {
    const versions = this.#modules.get(checkName(name, "module name"));
    if (versions) return versions;
    const suggestion = nearest(name, [...this.#modules.keys()]);
    throw new GhostError(
      "MODULE_NOT_FOUND",
      `Cannot find module "${name}": no module of that name was uploaded` +
        (suggestion ? `; did you mean "${suggestion}"?` : ""),
      suggestion ? { details: { suggestion } } : {},
    );
  }
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

/** A message names this many versions, the highest. */
const MAX_VERSIONS_NAMED = 10;

function failVersion(name: string, version: string, versions: Versions): never {
  const ordered = [...versions.keys()].sort(compareVersions);
  const named = ordered.slice(-MAX_VERSIONS_NAMED);
  throw new GhostError(
    "VERSION_NOT_FOUND",
    `Cannot find version "${version}" of module "${name}": there ${named.length === 1 ? "is" : "are"} ` +
      (named.length < ordered.length ? `${ordered.length} versions, up to ` : "") + named.join(", "),
    { details: { versions: named } },
  );
}

/**
 * The two names that the file of a new version may have: the plain one and, where that is taken (version `b-c` of `a`
 * and version `c` of `a-b`), one that no other version can have because no name has a `~`.
 */
function fileNames(name: string, version: string): [plain: string, distinct: string] {
  return [`${name}-${version}.wasm`, `${name}~${version}.wasm`];
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
