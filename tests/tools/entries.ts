/**
 * The files from which tests start `gpmd` and `gvm`: the sources, or under `deno task test` the bundles that it has made of
 * them, which its import map puts in their place (tests/tools/bundles.ts).
 */

/** The URL of a command's entry point. */
export function entryOf(command: "gpmd" | "gvm"): string {
  return import.meta.resolve(`../../${command}/main.ts`);
}
