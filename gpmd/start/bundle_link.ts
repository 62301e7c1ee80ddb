import { denoProgram, processEnvironment } from "../../gmp/device/deno_process.ts";
import type { linkSource } from "../link/link_command.ts";

/** Milliseconds that making the file may take; it takes two seconds. */
const BUNDLE_TIME = 60_000;
/** What the file ends with if it is whole, before the licences: it is not given its name by whoever has made it to its end. */
const LAST_WORDS = /\nexport \{[^}]*\brunLink\b[^}]*\};\s*(?:\/\*[^]*\*\/)?\s*$/;

/**
 * Has Deno make one file, at `path`, of the link and its packages, which must have been fetched: it starts twice as fast as
 * the hundreds from which it is made. Where that cannot be done, as in a directory of somebody else's, nothing happens.
 */
export async function bundleLink(
  path: string,
  { entry, lock }: ReturnType<typeof linkSource>,
): Promise<void> {
  const config = new URL("../../deno.json", entry);
  const args = ["bundle", "--quiet", "--platform=deno", `--config=${pathOf(config)}`];
  try {
    await new Deno.Command(denoProgram(), {
      args: [...args, ...lock, `--output=${path}`, pathOf(new URL(entry))],
      ...processEnvironment(),
      cwd: "/",
      stdin: "null",
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(BUNDLE_TIME),
    }).output();
  } catch {
    // The link runs from its source.
  }
}

/** Whether there is a file at `path` that {@linkcode bundleLink} has made to its end. */
export async function isBundle(path: string): Promise<boolean> {
  try {
    return LAST_WORDS.test(await Deno.readTextFile(path));
  } catch {
    return false;
  }
}

function pathOf(url: URL): string {
  return decodeURIComponent(url.pathname);
}
