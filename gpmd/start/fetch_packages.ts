import { denoProgram, processEnvironment } from "../../gmp/device/deno_process.ts";
import { GhostError } from "../../gmp/errors.ts";
import { cannotSpawn } from "../../gmp/system_fault.ts";

/** Milliseconds that fetching the packages may take: 39 MB, over a slow line. */
const FETCH_TIME = 600_000;
/** Characters of what Deno says that are looked at: its sentence about a failure, and where that came from. */
const COMPLAINT_LENGTH = 4000;
/** What Deno says when it fetches a package. */
const FETCHING = /^Download .*\.tgz$/gm;
/** How Deno colours what it says, in spite of everything. */
// deno-lint-ignore no-control-regex
const COLOUR = /\x1b\[[0-9;]*m/g;

/**
 * Has Deno fetch what the program `entry` needs and is not there yet, which takes 50 ms when all of it is. Its process runs
 * no code of anybody, so it has the environment of this one: the proxy, certificates and registry of its user.
 * `fetching` hears how many packages have been asked for.
 *
 * @throws {GhostError} `CONNECTION_LOST` with Deno's own sentence; as `cannotSpawn`.
 */
export async function fetchPackages(
  { entry, lock }: { readonly entry: string; readonly lock: readonly string[] },
  fetching: ((packages: number) => void) | undefined,
): Promise<void> {
  const child = spawn(["cache", ...lock, entry]);
  let said = "";
  let packages = 0;
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    const last = said.lastIndexOf("\n") + 1;
    const lines = said.slice(last) + text.replaceAll(COLOUR, "");
    const count = lines.slice(0, lines.lastIndexOf("\n") + 1).match(FETCHING)?.length ?? 0;
    if (count > 0) fetching?.(packages += count);
    said = (said.slice(0, last) + lines).slice(-COMPLAINT_LENGTH);
  }
  const { success } = await child.status;
  if (success) return;
  throw new GhostError("CONNECTION_LOST", `Cannot fetch the packages of the link: ${sentenceOf(said)}`);
}

/** Deno's sentence: what follows `error:`, in one line, without the stack behind it. */
function sentenceOf(said: string): string {
  const [, sentence = said] = /^error: ([\s\S]*)/m.exec(said) ?? [];
  const [first = "it ended", ...others] = sentence.split(/\n\n|\nStack backtrace/)[0]!.trim().split("\n");
  const cause = others.map((line) => line.trim()).find((line) => line.startsWith("0: "))?.slice(3);
  return cause === undefined ? first : `${first}: ${cause}`;
}

function spawn(
  args: string[],
): Deno.ChildProcess & { readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>> } {
  const program = denoProgram();
  const options = {
    args,
    cwd: "/",
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.timeout(FETCH_TIME),
  } as const;
  try {
    return new Deno.Command(program, options).spawn();
  } catch (error) {
    // A variable for the linker may be passed on by nobody who may not run everything.
    if (!(error instanceof Deno.errors.NotCapable)) throw cannotSpawn("deno", error, program);
  }
  try {
    return new Deno.Command(program, { ...options, ...processEnvironment() }).spawn();
  } catch (error) {
    throw cannotSpawn("deno", error, program);
  }
}
