import { type Body, integerIn, isMap, isString, listIn, mapIn, stringIn } from "../../gmp/frames/body.ts";
import type { DaemonStatus, ModuleItem, NodeSummary, PortCounts, VersionSummary } from "./replies.ts";

/** Counts and sizes are below this. */
const MOST = Number.MAX_SAFE_INTEGER;

/** The status in `body`. @throws {GhostError} `BAD_REQUEST` when it is something else. */
export function readStatus(body: Body): DaemonStatus {
  const ports = mapIn(body, "ports");
  const memory = mapIn(body, "memory");
  const connections = mapIn(body, "connections");
  return {
    pid: count(body, "pid"),
    version: stringIn(body, "version"),
    startedAt: stringIn(body, "startedAt"),
    uptime: count(body, "uptime"),
    ports: { command: integerIn(ports, "command", 1, 65_535), gmp: integerIn(ports, "gmp", 1, 65_535) },
    store: stringIn(body, "store", 65_536),
    nodes: count(body, "nodes"),
    modules: count(body, "modules"),
    versions: count(body, "versions"),
    memory: { rss: count(memory, "rss"), heap: count(memory, "heap") },
    connections: {
      command: readCounts(mapIn(connections, "command")),
      gmp: readCounts(mapIn(connections, "gmp")),
      waiting: count(connections, "waiting"),
      evicted: count(connections, "evicted"),
    },
  };
}

/** The node in `body`. @throws {GhostError} `BAD_REQUEST` when it is something else. */
export function readNode(body: Body): NodeSummary {
  return {
    name: stringIn(body, "name"),
    id: stringIn(body, "id"),
    port: integerIn(body, "port", 1, 65_535),
    since: stringIn(body, "since"),
    connections: count(body, "connections"),
  };
}

/** The published version in `body`. @throws {GhostError} `BAD_REQUEST` when it is something else. */
export function readVersion(body: Body): VersionSummary {
  return {
    name: stringIn(body, "name"),
    version: stringIn(body, "version"),
    hash: stringIn(body, "hash"),
    size: count(body, "size"),
    uploadedAt: stringIn(body, "uploadedAt"),
  };
}

/** A list of maps in `field`, each read by `read`. @throws {GhostError} `BAD_REQUEST` when it is something else. */
export function readList<T>(body: Body, field: string, read: (item: Body) => T): T[] {
  return listIn(body, field, "maps", isMap).map(read);
}

/** The import or export in `body`. @throws {GhostError} `BAD_REQUEST` when it is something else. */
export function readItem(body: Body): ModuleItem {
  return { name: stringIn(body, "name"), kind: stringIn(body, "kind"), text: stringIn(body, "text", 4096) };
}

/** The strings in `field`. @throws {GhostError} `BAD_REQUEST` when it is something else. */
export function readStrings(body: Body, field: string): string[] {
  return listIn(body, field, "strings", isString);
}

function readCounts(body: Body): PortCounts {
  return { open: count(body, "open"), accepted: count(body, "accepted"), refused: count(body, "refused") };
}

function count(body: Body, field: string): number {
  return integerIn(body, field, 0, MOST);
}
