import { basename, fromFileUrl, join, normalize } from "@std/path";

export interface WalkEntry extends Deno.DirEntry {
  path: string;
}

export interface WalkOptions {
  includeDirs?: boolean;
  includeSymlinks?: boolean;
  /** Only paths that end in one of these; directories are entered all the same. */
  exts?: string[];
  /** Not these paths, nor what is under them. */
  skip?: RegExp[];
}

/** `root` and what is under it, without following symbolic links. */
export async function* walk(
  root: string | URL,
  options: WalkOptions = {},
): AsyncIterableIterator<WalkEntry> {
  const path = root instanceof URL ? fromFileUrl(root) : root;
  const { includeDirs = true, includeSymlinks = true } = options;
  if (includeDirs && isWanted(path, options)) {
    const { isFile, isDirectory, isSymlink } = await Deno.stat(path);
    yield { path: normalize(path), name: basename(normalize(path)), isFile, isDirectory, isSymlink };
  }
  if (isSkipped(path, options)) return;
  for await (const entry of Deno.readDir(path)) {
    const child = join(path, entry.name);
    if (entry.isDirectory) yield* walk(child, options);
    else if ((!entry.isSymlink || includeSymlinks) && isWanted(child, options)) {
      yield { path: child, ...entry };
    }
  }
}

function isSkipped(path: string, { skip }: WalkOptions): boolean {
  return skip?.some((pattern) => path.match(pattern)) ?? false;
}

function isWanted(path: string, options: WalkOptions): boolean {
  const isOfKind = options.exts?.some((ext) => path.endsWith(ext)) ?? true;
  return isOfKind && !isSkipped(path, options);
}
