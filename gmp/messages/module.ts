import { integer, list, map, oneOf, operation, optional, text, truth } from "./fields.ts";
import { LARGE_REPLY_CAP } from "../frames/frame.ts";

/** Bytes of a module at most: pandoc, the largest tried, has 56 MiB, and the daemon needs some three times the size. */
export const MAX_MODULE_SIZE = 256 * 1024 * 1024;

/** A module in the reply to `module.list`. */
export interface ModuleSummary {
  /** Its name. */
  readonly name: string;
  /** Its versions by semantic versioning, lowest first. */
  readonly versions: readonly string[];
  /** The highest of them, which is used when none is named. */
  readonly latest: string;
}

/** One import or export of a module. */
export interface ModuleItem {
  /** Its name, cut if it is very long; for an import, with the name of the module to import from. */
  readonly name: string;
  /** Its kind: `function`, `table`, `memory`, `global` or `tag`. */
  readonly kind: string;
  /** Name and type for people to read, such as `add(i32, i32) -> i32`; safe to print. */
  readonly text: string;
}

/** A published version of a module. */
export interface VersionSummary {
  /** The module's name. */
  readonly name: string;
  /** The version. */
  readonly version: string;
  /** SHA-256, 64 hexadecimal digits. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
  /** When it was published, in ISO 8601, UTC. */
  readonly uploadedAt: string;
}

/** The result of an upload. */
export interface UploadedModule extends VersionSummary {
  /** True when the same bytes had been published before. */
  readonly unchanged: boolean;
}

/** A version of a module, with its exports and imports. */
export interface ModuleInfo extends VersionSummary {
  /** Its exports. */
  readonly exports: readonly ModuleItem[];
  /** Its imports. */
  readonly imports: readonly ModuleItem[];
  /** Its memories, such as `1 page of 64 KiB, up to 16`. */
  readonly memories: readonly string[];
  /** How many exports, imports and memories are left out because there are too many. */
  readonly omitted: number;
}

const count = integer(0, Number.MAX_SAFE_INTEGER);
const name = text();
const version = text();
const items = list(map({ name, kind: text(), text: text(4096) }), "maps");
const summary = { name, version, hash: text(), size: count, uploadedAt: text() };

/**
 * What nodes and commands ask GPMD about modules (docs/protocol.md, "At GPMD: port 5989, for nodes" and "At GPMD: port
 * 1111, for commands").
 */
export const MODULE_OPERATIONS = {
  "module.get": operation(
    {
      name,
      version: optional(version),
      encoding: optional(oneOf("base64", "bytes")),
      ifNoneMatch: optional(text()),
    },
    {
      name: text(64),
      version: text(64),
      hash: text(64),
      size: integer(0, MAX_MODULE_SIZE),
      unchanged: optional(truth),
      binary: optional(text(LARGE_REPLY_CAP)),
    },
  ),
  "module.list": operation({}, {
    modules: list(map({ name, versions: list(version, "strings"), latest: version }), "maps"),
  }),
  "module.put": operation(
    { name, version, size: count, hash: text(), temporary: optional(truth) },
    { ...summary, unchanged: truth },
    { takesData: true },
  ),
  "module.info": operation({ name, version: optional(version) }, {
    ...summary,
    exports: items,
    imports: items,
    memories: list(text(), "strings"),
    omitted: count,
  }),
  "module.remove": operation({ name, version: optional(version) }, { removed: list(map(summary), "maps") }),
};
