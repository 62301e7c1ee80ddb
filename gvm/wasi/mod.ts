/**
 * WASI, preview 1, 0.2 and 0.3, with no host behind it: an in-memory file system, standard streams, clocks, random bytes and nothing else.
 *
 * @module
 */
export { ExitStatus } from "./host/exit_status.ts";
export { FileSystem } from "./files/file_system.ts";
export { DEFAULT_FILE_SYSTEM_LIMITS, Quota } from "./files/quota.ts";
export { MAX_LINKS } from "./files/resolver.ts";
export { Snapshot, type TreeChanges, type TreeEntry } from "./files/snapshot.ts";
export { InputQueue } from "./host/input_queue.ts";
export type { InputSource, OutputSink, StandardStream } from "./host/streams.ts";
export type { Preopen, WasiOptions } from "./guest/options.ts";
export { Wasi, type WasiFunction } from "./preview1/wasi.ts";
export { ComponentWasi } from "./component_wasi.ts";
