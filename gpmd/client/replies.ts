export type { ModuleSummary } from "../../gmp/messages/module_summary.ts";

/** The connections of one port of the daemon. */
export interface PortCounts {
  /** Open now. */
  readonly open: number;
  /** That passed the handshake so far. */
  readonly accepted: number;
  /** That were not let in so far: no GMP, no proof, too slow, or too many. */
  readonly refused: number;
}

/** What `gpmd status` tells (docs/protocol.md, "At GPMD: port 1111, for commands"). */
export interface DaemonStatus {
  /** Process id of the daemon. */
  readonly pid: number;
  /** Its version. */
  readonly version: string;
  /** When it started, ISO 8601, UTC. */
  readonly startedAt: string;
  /** Milliseconds since then. */
  readonly uptime: number;
  /** The ports that it serves. */
  readonly ports: { readonly command: number; readonly gmp: number };
  /** The directory of its store. */
  readonly store: string;
  /** Nodes that are registered. */
  readonly nodes: number;
  /** Modules in the store. */
  readonly modules: number;
  /** Versions of all of them. */
  readonly versions: number;
  /** Bytes: of the whole process, and of the JavaScript heap. */
  readonly memory: { readonly rss: number; readonly heap: number };
  /** Connections. */
  readonly connections: {
    /** Of the port of commands. */
    readonly command: PortCounts;
    /** Of the port of nodes. */
    readonly gmp: PortCounts;
    /** That are in their handshake now, at either port. */
    readonly waiting: number;
    /** Those of the refused that were closed to make room for newer ones. */
    readonly evicted: number;
  };
}

/** A node, as `gpmd nodes` tells it. */
export interface NodeSummary {
  /** Its name. */
  readonly name: string;
  /** Its id, a UUID. */
  readonly id: string;
  /** The port of its front door. */
  readonly port: number;
  /** When it registered, ISO 8601, UTC. */
  readonly since: string;
  /** Nodes that it is connected to now, whichever of the two made the connection, as it tells GPMD. */
  readonly connections: number;
}

/** One import or export of a module. */
export interface ModuleItem {
  /** Its name, cut where it is very long; of an import, with the name of the module that it is wanted from. */
  readonly name: string;
  /** What it is: `function`, `table`, `memory`, `global` or `tag`. */
  readonly kind: string;
  /** Name and type as people read them, such as `add(i32, i32) -> i32`; safe to print. */
  readonly text: string;
}

/** A published version of a module, as uploads and removals tell it. */
export interface VersionSummary {
  /** The module's name. */
  readonly name: string;
  /** The version. */
  readonly version: string;
  /** SHA-256, 64 hexadecimal digits. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
  /** When it was published, ISO 8601, UTC. */
  readonly uploadedAt: string;
}

/** What became of an upload. */
export interface UploadedModule extends VersionSummary {
  /** True when the very same bytes had been published before. */
  readonly unchanged: boolean;
}

/** What a version of a module offers and needs. */
export interface ModuleInfo extends VersionSummary {
  /** What it offers. */
  readonly exports: readonly ModuleItem[];
  /** What it needs. */
  readonly imports: readonly ModuleItem[];
  /** Its memories, such as `1 page of 64 KiB, up to 16`. */
  readonly memories: readonly string[];
  /** Exports, imports and memories that are not told because there are too many. */
  readonly omitted: number;
}
