import { GhostError } from "../../gmp/errors.ts";
import { statIfThere, TEMPORARY_SUFFIX, tryRemove } from "../../gmp/device/durable.ts";
import { MAX_INDEX_SIZE, ModuleIndex } from "./module_index.ts";

/** Matches the files of versions, and no others that a person may have put beside them. */
const MODULE_FILE = /^[a-z0-9][a-z0-9._-]*[-~][a-z0-9][a-z0-9._-]*\.wasm$/;

/** Makes the directory of modules unless it is there. @throws {GhostError} `STORE_FAULT` when something else is. */
export async function makeDirectory(directory: string): Promise<void> {
  const info = await statIfThere(directory);
  if (info === undefined) return await Deno.mkdir(directory, { mode: 0o700 });
  if (!info.isDirectory) {
    throw new GhostError(
      "STORE_FAULT",
      `Cannot use "${directory}": it is not a directory of the store's own`,
    );
  }
}

/** The index at `path`, or an empty one if there is no such file. @throws {GhostError} `STORE_FAULT`. */
export async function readIndex(path: string): Promise<ModuleIndex> {
  const info = await statIfThere(path);
  if (info === undefined) return ModuleIndex.EMPTY;
  if (!info.isFile) {
    throw new GhostError("STORE_FAULT", `Cannot use "${path}": it is not a file of the store's own`);
  }
  if (info.size > MAX_INDEX_SIZE) {
    throw new GhostError("STORE_FAULT", `Cannot use "${path}": it has more than ${MAX_INDEX_SIZE} bytes`);
  }
  return ModuleIndex.parse(await Deno.readTextFile(path), path);
}

/**
 * Removes what daemons that died have left of files in `home` that they drew or replaced. Only who has the store's lock
 * may: the temporary files of a daemon that lives have the same names.
 */
export async function sweepHome(home: string): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(home)) {
    if (isFile && name.endsWith(TEMPORARY_SUFFIX)) await tryRemove(`${home}/${name}`);
  }
}

/** Removes temporary files, and files of versions that the index does not name. */
export async function sweep(directory: string, index: ModuleIndex): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const isStray = name.endsWith(TEMPORARY_SUFFIX) || (MODULE_FILE.test(name) && !index.hasFile(name));
    if (isStray && !isDirectory) await tryRemove(`${directory}/${name}`);
  }
}
