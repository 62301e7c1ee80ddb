import { GhostError } from "../../gmp/errors.ts";

/** Opens the file of a module. @throws {GhostError} `BAD_ARGUMENTS` when there is no file that can be read. */
export async function openModuleFile(path: string): Promise<Deno.FsFile> {
  const refuse = (reason: string, cause?: unknown) =>
    new GhostError("BAD_ARGUMENTS", `Cannot upload "${path}": ${reason}`, { cause });
  try {
    const { isFile, isDirectory } = await Deno.stat(path); // before it is opened: a pipe would wait for a writer
    if (!isFile) throw refuse(isDirectory ? "it is a directory" : "it is not a file");
    return await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw refuse("there is no such file", error);
    if (error instanceof Deno.errors.PermissionDenied) throw refuse("you may not read it", error);
    if (error instanceof Deno.errors.NotADirectory) throw refuse("its path leads through a file", error);
    throw error;
  }
}
