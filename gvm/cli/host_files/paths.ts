import { lookAt } from "./host_entry.ts";

/** The path of the directory that `path` is in, `""` for the top; paths are relative and have slashes. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The last name of `path`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The path of `name` in the directory `parent`. */
export function childOf(parent: string, name: string): string {
  return parent === "" ? name : `${parent}/${name}`;
}

/** `path` below `root`, for the system. */
export function placeIn(root: string, path: string): string {
  return path === "" ? root : root.endsWith("/") ? root + path : `${root}/${path}`;
}

/** True for a path of names, which goes neither up nor to another disk, whatever a guest wrote into it. */
export function isPath(path: string): boolean {
  if (path.includes("\0") || Deno.build.os === "windows" && /[\\:]/.test(path)) return false;
  return path.split("/").every((name) => name !== "" && name !== "." && name !== "..");
}

/** Looks at the way to places below a directory. It remembers, so it is to be made anew when directories may have changed. */
export class Way {
  readonly #root: string;
  readonly #directories = new Map<string, boolean>([["", true]]);

  /** Looks below `root`. */
  constructor(root: string) {
    this.#root = root;
  }

  /** True when `directory` is there, and neither it nor anything before it is a link that would lead elsewhere. */
  isDirectory(directory: string): boolean {
    const unknown: string[] = [];
    let at = directory;
    while (!this.#directories.has(at)) {
      unknown.push(at);
      at = parentOf(at);
    }
    let is = this.#directories.get(at)!;
    for (const path of unknown.reverse()) {
      is &&= lookAt(placeIn(this.#root, path))?.type === "directory";
      this.#directories.set(path, is);
    }
    return is;
  }
}
