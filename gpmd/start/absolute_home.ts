/** A path from the root, without `.`, `..` or an empty name in it, which `resolve` would leave as it is. */
const PLAIN_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[^/]+)+$/;

/** Whether a path means the same in every directory, as it is. */
export function hasPlainPath(home: string): boolean {
  return PLAIN_PATH.test(home);
}

/** The path of a store that means the same in every directory. */
export async function absoluteHome(home: string): Promise<string> {
  // `@std/path` takes as long to load as all the rest of a start.
  return hasPlainPath(home) ? home : (await import("@std/path/resolve")).resolve(home);
}
