/**
 * The files from which tests start `gpmd` and `gvm`: the sources, or under `deno task test` the bundles that it has made of
 * them, which its import map puts in their place (tests/tools/bundles.ts).
 */
import { fromFileUrl } from "@std/path";

/** The URL of a command's entry point. */
export function entryOf(command: "gpmd" | "gvm"): string {
  return import.meta.resolve(`../../${command}/main.ts`);
}

/** The path of the one file that `gpmd` makes of the link when it first needs it; nothing where it runs from the sources. */
export function linkBundle(): string | undefined {
  const gpmd = entryOf("gpmd");
  return gpmd.endsWith(".js") ? fromFileUrl(new URL("./link.js", gpmd)) : undefined;
}

/**
 * The flags of Deno by which a program of the tests, in a process of its own, starts daemons and executors from the same files
 * as this process does: an import map is that of one process.
 */
export function bundleFlags(): string[] {
  const entry = entryOf("gvm");
  return entry.endsWith(".js") ? [`--import-map=${new URL("./import_map.json", entry).href}`] : [];
}
