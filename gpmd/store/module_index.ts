import { GhostError } from "../../gmp/errors.ts";
import { checkName, checkVersion } from "../../gmp/names.ts";
import type { ModuleSummary } from "../../gmp/messages/module.ts";
import { nearest } from "../../gmp/nearest.ts";
import { FORMAT, type IndexContents, readIndex } from "./read_index.ts";
import type { UpgradedVersion } from "./upgrade_versions.ts";
import { compareVersions, latestVersion } from "./versions.ts";

/** Bytes of `ghost.modules.json` at most: about 60,000 versions, read and written as a whole. */
export const MAX_INDEX_SIZE = 16 * 1024 * 1024;

/**
 * Versions of all modules together: a REPLY has 200,000 values at most, of which `module.list` takes five for a module of one
 * version, and `module.remove` six for each version.
 */
export const MAX_VERSIONS = 30_000;

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

/** The versions of one module, by their names. */
export type Versions = ReadonlyMap<string, ModuleVersion>;

/** Contents as they were read, or, without the rest, as they became since. */
type ChangedContents = Pick<IndexContents, "modules" | "files"> & Partial<IndexContents>;

/** The contents of `ghost.modules.json`. Immutable: a change makes a new index. */
export class ModuleIndex {
  readonly #modules: ReadonlyMap<string, Versions>;
  readonly #files: ReadonlySet<string>;

  /** The versions that have another name than in the text it was read from. */
  readonly upgraded: readonly UpgradedVersion[];
  /** Whether that text has an earlier format. */
  readonly isOutdated: boolean;

  private constructor({ modules, files, upgraded = [], isOutdated = false }: ChangedContents) {
    this.#modules = modules;
    this.#files = files;
    this.upgraded = upgraded;
    this.isOutdated = isOutdated;
  }

  /** The index of an empty store. */
  static readonly EMPTY: ModuleIndex = new ModuleIndex({ modules: new Map(), files: new Set() });

  /** Reads what {@linkcode ModuleIndex.format} wrote; throws as `readIndex`. */
  static parse(text: string, path: string): ModuleIndex {
    return new ModuleIndex(readIndex(text, path));
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

  /**
   * Refuses what cannot be published.
   *
   * @throws {GhostError} `VERSION_EXISTS` when the version is there with another hash; `PAYLOAD_TOO_LARGE` when it is new and
   * there are {@linkcode MAX_VERSIONS}.
   */
  refuse({ name, version, hash }: Pick<PublishedModule, "name" | "version" | "hash">): void {
    const published = this.get(name, version);
    if (published !== undefined && published.hash !== hash) {
      throw new GhostError(
        "VERSION_EXISTS",
        `Cannot upload module "${name}" ${version}: the version has already been published with other bytes`,
        { details: { hash: published.hash } },
      );
    }
    if (published === undefined && this.#files.size >= MAX_VERSIONS) {
      throw new GhostError(
        "PAYLOAD_TOO_LARGE",
        `Cannot publish: there are ${this.#files.size} versions already, and may be ${MAX_VERSIONS}; ` +
          "remove some with: gpmd wasm remove",
      );
    }
  }

  /** The index with `module` added. */
  with(module: PublishedModule): ModuleIndex {
    const { name, ...version } = module;
    const versions = new Map(this.#modules.get(name)).set(version.version, version);
    return new ModuleIndex({
      modules: new Map(this.#modules).set(name, versions),
      files: new Set(this.#files).add(module.file),
    });
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
    return new ModuleIndex({ modules, files });
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
