import { LONGEST_VERSION } from "../names.ts";
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
  /** Its kind: `function`, `table`, `memory`, `global` or `tag`; of a component also `interface`, `types` (an interface without functions), `component` and others. */
  readonly kind: string;
  /** Name and type for people to read, such as `add(i32, i32) -> i32`; safe to print. */
  readonly text: string;
  /** Of a function or tag: the types of its parameters, such as `i32`. Left out, as `results`, if both have over 90. */
  readonly parameters?: readonly string[];
  /** The types of its results. */
  readonly results?: readonly string[];
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
  /** Of a component: its types, interfaces and functions as WIT; cut if it is very long. */
  readonly wit?: string;
  /** How many exports, imports and memories are left out because there are too many. */
  readonly omitted: number;
}

/** Characters of a component's WIT that are shown: those of WASI 0.2 whole have 60,000. */
export const MAX_WIT = 200_000;
/** Characters of the TypeScript declarations of a module: those of WASI 0.2 whole have some 40,000. */
export const MAX_DECLARATIONS = 1_000_000;

const count = integer(0, Number.MAX_SAFE_INTEGER);
const name = text();
const version = text();
const types = optional(list(text(64), "strings"));
const items = list(
  map({ name, kind: text(), text: text(4096), parameters: types, results: types }),
  "maps",
);
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
      encoding: optional(oneOf("base64", "bytes", "none")),
      ifNoneMatch: optional(text()),
      hash: optional(text(64)),
      elsewhere: optional(truth),
      device: optional(text(64)),
      start: optional(integer(0, MAX_MODULE_SIZE)),
      count: optional(integer(1, MAX_MODULE_SIZE)),
    },
    {
      name: text(64),
      version: text(LONGEST_VERSION),
      hash: text(64),
      size: integer(0, MAX_MODULE_SIZE),
      brought: optional(truth),
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
  "module.info": operation({ name, version: optional(version), declarations: optional(truth) }, {
    ...summary,
    exports: items,
    imports: items,
    memories: list(text(), "strings"),
    wit: optional(text(MAX_WIT)),
    declarations: optional(text(MAX_DECLARATIONS)),
    omitted: count,
  }),
  "module.remove": operation({ name, version: optional(version) }, { removed: list(map(summary), "maps") }),
};
