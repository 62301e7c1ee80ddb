/**
 * The keeper's process: it starts the link, and starts it again when it dies. It ends when the link ends by itself, as it
 * does when GPMD has stopped; when the keeper is killed, the link's standard input ends, and with it the link. It may
 * start that one program and nothing else, and imports nothing.
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

/** The exit code of a process that cannot start, and has said why. */
export const CANNOT_START = 3;
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
  for (let starts = 1;; starts++) {
    // The first one's output goes to whoever has started the keeper, and waits to hear that it serves.
    const output = starts === 1 ? "inherit" : "null";
    const began = performance.now();
    const child = new Deno.Command(program, {
      args: [...args],
      stdin: "piped",
      stdout: output,
      stderr: output,
    }).spawn();
    const input = child.stdin.getWriter();
    // It may die before it has read anything.
    input.write(new TextEncoder().encode(`${line}\n`)).catch(() => {});
    const { code, signal } = await child.status;
    await input.close().catch(() => {});
    if (code === 0 || starts === 1 && code === CANNOT_START && signal === null) return code;
    const isSteady = performance.now() - began > STEADY_TIME;
    if (isSteady) wait = FIRST_PAUSE;
    failures = isSteady || signal !== null ? 0 : failures + 1;
    if (failures === MAX_FAILURES) return code;
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(2 * wait, LONGEST_PAUSE);
  }
}

if (import.meta.main) Deno.exit(await runKeeper());
