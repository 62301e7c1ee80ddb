import type { Signature } from "../types/signature.ts";
import type { NumberType } from "../types/value_types.ts";
import { EXTISM_NAMESPACE, EXTISM_SIGNATURES } from "./extism.ts";

const TYPES: Readonly<Record<string, NumberType>> = { i: "i32", I: "i64" };

/**
 * The parameters of each function of `wasi_snapshot_preview1.witx` as modules import it, lowered to core types: `i`
 * for an i32 (descriptors, pointers, sizes, flags), `I` for an i64 (offsets, times, rights). A string or a list is two.
 */
const PARAMETERS: Readonly<Record<string, string>> = {
  args_get: "ii",
  args_sizes_get: "ii",
  environ_get: "ii",
  environ_sizes_get: "ii",
  clock_res_get: "ii",
  clock_time_get: "iIi",
  fd_advise: "iIIi",
  fd_allocate: "iII",
  fd_close: "i",
  fd_datasync: "i",
  fd_fdstat_get: "ii",
  fd_fdstat_set_flags: "ii",
  fd_fdstat_set_rights: "iII",
  fd_filestat_get: "ii",
  fd_filestat_set_size: "iI",
  fd_filestat_set_times: "iIIi",
  fd_pread: "iiiIi",
  fd_prestat_get: "ii",
  fd_prestat_dir_name: "iii",
  fd_pwrite: "iiiIi",
  fd_read: "iiii",
  fd_readdir: "iiiIi",
  fd_renumber: "ii",
  fd_seek: "iIii",
  fd_sync: "i",
  fd_tell: "ii",
  fd_write: "iiii",
  path_create_directory: "iii",
  path_filestat_get: "iiiii",
  path_filestat_set_times: "iiiiIIi",
  path_link: "iiiiiii",
  path_open: "iiiiiIIii",
  path_readlink: "iiiiii",
  path_remove_directory: "iii",
  path_rename: "iiiiii",
  path_symlink: "iiiii",
  path_unlink_file: "iii",
  poll_oneoff: "iiii",
  proc_exit: "i",
  proc_raise: "i",
  sched_yield: "",
  random_get: "ii",
  sock_accept: "iii",
  sock_recv: "iiiiii",
  sock_send: "iiiii",
  sock_shutdown: "ii",
};

/**
 * Every WASI preview 1 function's signature, by name: an `errno` is an i32, and `proc_exit` has no result.
 */
export const WASI_SIGNATURES: ReadonlyMap<string, Signature> = new Map(
  Object.entries(PARAMETERS).map(([name, letters]) => [name, {
    parameters: Array.from(letters, (letter) => TYPES[letter]!),
    results: name === "proc_exit" ? [] : ["i32"],
  }]),
);

/** The signatures of the functions that AssemblyScript programs import from `env` (assemblyscript.org, "Host bindings"). */
export const ASSEMBLYSCRIPT_SIGNATURES: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ["abort", { parameters: ["i32", "i32", "i32", "i32"], results: [] }],
  ["trace", { parameters: ["i32", "i32", "f64", "f64", "f64", "f64", "f64"], results: [] }],
  ["seed", { parameters: [], results: ["f64"] }],
]);

/** The namespaces under which modules import WASI preview 1. */
export const WASI_NAMESPACES: ReadonlySet<string> = new Set(["wasi_snapshot_preview1"]);

/** What `_start` and `_initialize` take and return (WASI, "application ABI"). */
export const ENTRY_SIGNATURE: Signature = { parameters: [], results: [] };

/** The signature of the function that nodes provide to modules as `name` of `module`, if they provide one. */
export function hostSignature(module: string, name: string): Signature | undefined {
  if (WASI_NAMESPACES.has(module)) return WASI_SIGNATURES.get(name);
  if (module === EXTISM_NAMESPACE) return EXTISM_SIGNATURES.get(name);
  return module === "env" ? ASSEMBLYSCRIPT_SIGNATURES.get(name) : undefined;
}
