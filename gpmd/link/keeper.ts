/**
 * The keeper's process: it starts the link, and starts it again when it dies. It ends when the link ends before it has ever
 * served, or by itself, as it does when GPMD has stopped; when the keeper is killed, the link's standard input ends, and with
 * it the link. It may start that one program and nothing else, and imports nothing.
 *
 * @module
 */

/** What the keeper gets on its standard input: the process to keep, and the line to give it. */
export interface KeeperArguments {
  /** The program. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** The line that it gets on its standard input, which stays open as long as the keeper runs. */
  readonly line: string;
}

/** How the line begins that a process writes to its standard output, in one piece, when it serves. */
const SERVES = '{"pid":';
/** Milliseconds until the process is started again: at first, and at most when it dies again and again. */
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5000;
/** Milliseconds after which a process has run for long enough that its end has nothing to do with its start. */
const STEADY_TIME = 10_000;
/** Starts in a row that end by themselves with an error, after which the keeper gives up: its files may be gone. */
const MAX_FAILURES = 20;

/** Keeps the process that standard input names; returns the exit code. */
export async function runKeeper(): Promise<number> {
  const { program, args, line }: KeeperArguments = JSON.parse(await new Response(Deno.stdin.readable).text());
  let wait = FIRST_PAUSE;
  let failures = 0;
  // Until then, whoever has started the keeper waits to hear how it goes.
  for (let hasServed = false;;) {
    const began = performance.now();
    const child = new Deno.Command(program, {
      args: [...args],
      stdin: "piped",
      stdout: hasServed ? "null" : "piped",
      stderr: hasServed ? "null" : "inherit",
    }).spawn();
    const input = child.stdin.getWriter();
    // It may die before it has read anything.
    input.write(new TextEncoder().encode(`${line}\n`)).catch(() => {});
    const passed = hasServed ? undefined : passOn(child.stdout, () => hasServed = true);
    const { code, signal } = await child.status;
    await Promise.all([input.close().catch(() => {}), passed]);
    if (code === 0 || !hasServed) return code;
    const isSteady = performance.now() - began > STEADY_TIME;
    if (isSteady) wait = FIRST_PAUSE;
    failures = isSteady || signal !== null ? 0 : failures + 1;
    if (failures === MAX_FAILURES) return code;
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(2 * wait, LONGEST_PAUSE);
  }
}

/** Writes what comes from `output`, which is the report of a start, to this process's own; calls `served` if it says so. */
async function passOn(output: ReadableStream<Uint8Array>, served: () => void): Promise<void> {
  for await (const bytes of output) {
    if (new TextDecoder().decode(bytes).startsWith(SERVES)) served();
    try {
      Deno.stdout.writeSync(bytes);
    } catch {
      // Nobody waits any more.
    }
  }
}

if (import.meta.main) Deno.exit(await runKeeper());
