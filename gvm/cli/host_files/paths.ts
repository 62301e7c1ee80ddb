import { lookAt } from "./host_entry.ts";

/** The parent directory of `path`, `""` for the top; paths are relative, with slashes. */
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

/** `path` below `root`, as a path of the system. */
export function hostPathIn(root: string, path: string): string {
  return path === "" ? root : root.endsWith("/") ? root + path : `${root}/${path}`;
}

/**
 * True for a path that consists only of names and so leads neither up nor to another disk, whatever a guest
 * wrote.
 */
export function isPath(path: string): boolean {
  if (path.includes("\0") || Deno.build.os === "windows" && /[\\:]/.test(path)) return false;
  return path.split("/").every((name) => name !== "" && name !== "." && name !== "..");
}

/**
 * Checks paths below a directory for links. It caches, so make a new one when directories may have changed.
 */
export class PathChecker {
  readonly #root: string;
  readonly #directories = new Map<string, boolean>([["", true]]);

  /** Checks paths below `root`. */
  constructor(root: string) {
    this.#root = root;
  }

  /** True if `directory` exists, and neither it nor anything above it is a link that would lead elsewhere. */
  isDirectory(directory: string): boolean {
    const unknown: string[] = [];
    let at = directory;
    while (!this.#directories.has(at)) {
      unknown.push(at);
      at = parentOf(at);
    }
    let is = this.#directories.get(at)!;
    for (const path of unknown.reverse()) {
      is &&= lookAt(hostPathIn(this.#root, path))?.type === "directory";
      this.#directories.set(path, is);
    }
    return is;
  }
}
