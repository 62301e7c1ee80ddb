import type { Signature } from "../../../gmp/types/signature.ts";
import type { NumberType } from "../../../gmp/types/value_types.ts";

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
