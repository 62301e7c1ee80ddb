import { processEnvironment } from "../../gmp/device/deno_process.ts";

/** Most names of a directory that are completed: a person does not choose among more. */
const NAMES_LIMIT = 1000;

/** `path` with the user's home directory in place of `~`, as shells have it. */
export function withHome(path: string): string {
  const home = processEnvironment().env.HOME;
  return home !== undefined && /^~(\/|$)/.test(path) ? home + path.slice(1) : path;
}

/** The paths that begin with `typed`, as they would be typed on: those of directories end with `/`. None where nothing can be read. */
export async function pathsFrom(typed: string): Promise<string[]> {
  const folder = typed.slice(0, typed.lastIndexOf("/") + 1);
  const begin = typed.slice(folder.length);
  const found: string[] = [];
  try {
    for await (const { name, isDirectory, isSymlink } of Deno.readDir(withHome(folder) || ".")) {
      if (!name.startsWith(begin) || name.startsWith(".") && begin === "") continue;
      const isFolder = isDirectory || isSymlink && await isDirectoryBehind(`${withHome(folder)}${name}`);
      found.push(folder + name + (isFolder ? "/" : ""));
      if (found.length === NAMES_LIMIT) break;
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
  }
  return found.sort();
}

async function isDirectoryBehind(link: string): Promise<boolean> {
  return await Deno.stat(link).then(({ isDirectory }) => isDirectory, () => false);
}
