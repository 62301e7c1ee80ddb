/** The bundles that `deno task bundle` makes, a file for each process, and two for each command: `dist/gpmd.js` and so on. */
const BUNDLES = ["gpmd", "gpmd_main", "gvm", "gvm_main", "daemon", "executor"] as const;

/** One of them. */
export type Bundle = typeof BUNDLES[number];

/**
 * The URL of a process's entry point: `source`, unless this code is in a bundle itself; then the bundle of that name
 * beside it. One file starts faster than the hundred from which it is made.
 */
export function processEntry(name: Bundle, source: string): string {
  return isBundled() ? new URL(`./${name}.js`, import.meta.url).href : source;
}

/** The flags of Deno that go with `entry`: a bundle needs no deno.json, and none that lies about is looked for. */
export function configFlags(entry: string): string[] {
  return entry.endsWith(".js") ? ["--no-config"] : [];
}

/**
 * The URL of the entry point of a process that has no bundle, since its packages are fetched only by those who need it:
 * `source`, or the file at `path` of the project from which the bundle with this code was made.
 */
export function sourceEntry(path: string, source: string): string {
  return isBundled() ? new URL(`../${path}`, import.meta.url).href : source;
}

/** The path of a bundle that is made beside this one when it is first needed, and not by `deno task bundle`; nothing where this code is in none. */
export function laterBundle(name: string): string | undefined {
  return isBundled() ? decodeURIComponent(new URL(`./${name}.js`, import.meta.url).pathname) : undefined;
}

function isBundled(): boolean {
  return BUNDLES.some((bundle) => import.meta.url.endsWith(`/${bundle}.js`));
}
