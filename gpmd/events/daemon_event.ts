import type { ErrorCode } from "../../gmp/errors.ts";
import type { OperationName } from "../../gmp/messages/operations.ts";
import type { NodeDescription } from "../../gmp/messages/gpmd.ts";
import type { LogLevel } from "./log_line.ts";
import type { VersionSummary } from "../../gmp/messages/module.ts";

/** A version of a module, as events name it. */
type EventVersion = Pick<VersionSummary, "name" | "version" | "hash" | "size">;

/** What happens in a daemon, for the log and any other sink. */
export type DaemonEvent =
  | {
    readonly type: "daemon.started";
    readonly pid: number;
    readonly version: string;
    readonly commandPort: number;
    readonly gmpPort: number;
  }
  | { readonly type: "daemon.stopping" }
  | { readonly type: "daemon.stopped" }
  | { readonly type: "node.registered"; readonly generation: number } & Readonly<NodeDescription>
  | {
    readonly type: "node.left";
    readonly name: string;
    readonly generation: number;
    /** Why its connection broke; absent when it said goodbye. */
    readonly reason: ErrorCode | undefined;
  }
  | { readonly type: "node.located"; readonly name: string; readonly by: string }
  | { readonly type: "link.connected" }
  | {
    readonly type: "link.left";
    /** As of a node. */
    readonly reason: ErrorCode | undefined;
  }
  /** A fault that the link tells of. */
  | { readonly type: "link.fault"; readonly message: string }
  | { readonly type: "device.paired" | "device.removed"; readonly device: string }
  | { readonly type: "device.renamed"; readonly from: string; readonly to: string }
  /** A command of another device has connected. */
  | { readonly type: "device.entered"; readonly device: string }
  /** A module has come from another device, by its hash. */
  | { readonly type: "module.fetched"; readonly hash: string; readonly size: number; readonly device: string }
  | { readonly type: "module.published" } & EventVersion
  | { readonly type: "module.removed" } & EventVersion
  | {
    readonly type: "grants.added";
    readonly subject: string;
    /** What, separated by spaces. */
    readonly what: string;
    /** The limits, if any: `time` is when it happened. */
    readonly timeMs: number | undefined;
    readonly memoryBytes: number | undefined;
  }
  | { readonly type: "grants.removed"; readonly subject: string; readonly what: string }
  /** A version that the store of an earlier GPMD had under another name. */
  | {
    readonly type: "version.renamed" | "version.merged";
    readonly name: string;
    readonly from: string;
    readonly to: string;
  }
  /** Refused connections: one event for the `count` of them since the last. */
  | {
    readonly type: "connections.refused";
    readonly port: string;
    readonly count: number;
    readonly code: ErrorCode;
    readonly message: string;
  }
  /** A fault of the daemon or of its disk, with the operation in which it showed. */
  | {
    readonly type: "fault";
    readonly message: string;
    readonly operation?: OperationName;
    readonly code?: ErrorCode;
  };

/** Takes events. It neither throws nor waits. */
export type EventSink = (event: DaemonEvent) => void;

const LEVELS: Readonly<Partial<Record<DaemonEvent["type"], LogLevel>>> = {
  "connections.refused": "warn",
  "link.fault": "error",
  "fault": "error",
};

/** How much an event matters. */
export function levelOf({ type }: DaemonEvent): LogLevel {
  return LEVELS[type] ?? "info";
}

/** Hands the events of a daemon to its sinks. */
export class DaemonEvents {
  readonly #sinks = new Set<EventSink>();

  /** Hands every event from now on to `sink`, until the returned function is called. */
  add(sink: EventSink): () => void {
    this.#sinks.add(sink);
    return () => this.#sinks.delete(sink);
  }

  /** Hands `event` to every sink. */
  emit(event: DaemonEvent): void {
    for (const sink of this.#sinks) sink(event);
  }
}
