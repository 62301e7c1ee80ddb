/** What a program writes and reads, the whole command from its start to its end. */
import { fromFileUrl, join } from "@std/path";
import type { Arena } from "../arena.ts";
import { commandArgs, ROOT } from "../commands.ts";
import type { Contestant, Missing, Row } from "../contest.ts";
import { installed } from "../peers/programs.ts";

const PROGRAM = fromFileUrl(new URL("../modules/streams.wasm", import.meta.url));
const NODE_WASI = fromFileUrl(new URL("../peers/node_wasi.mjs", import.meta.url));
const NODE = "node's WASI";

const LINES = 1_000_000;
const QUICK_LINES = 10_000;
const MEGABYTES = 200;
const QUICK_MEGABYTES = 10;

/** A command between two files. */
interface Piped {
  readonly command: readonly string[];
  readonly input: string;
  readonly output: string;
}

/** Milliseconds of a command whose streams are the files themselves, which only a shell can give it. */
async function elapsed({ command, input, output }: Piped): Promise<number> {
  const script = 'input=$1 output=$2; shift 2; exec "$@" < "$input" > "$output"';
  const start = performance.now();
  const { success, stderr } = await new Deno.Command("sh", {
    args: ["-c", script, "sh", input, output, ...command],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${command.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  return performance.now() - start;
}

/** `gvm exec` and Node, which run the program with `args`, each once a round. */
async function contestants(
  args: readonly string[],
  input: string,
  output: string,
): Promise<(Contestant | Missing)[]> {
  const one = (name: string, command: readonly string[]): Contestant => ({
    name,
    measure: async () => [await elapsed({ command, input, output })],
  });
  const gvm = one("gvm exec", [
    Deno.execPath(),
    ...commandArgs("gvm", ["exec", PROGRAM, "--", ...args]),
  ]);
  if (!await installed("node")) return [gvm, { name: NODE, missing: "apt-get install nodejs" }];
  return [gvm, one(NODE, ["node", "--no-warnings", NODE_WASI, PROGRAM, ...args])];
}

/** A file of random bytes. */
async function randomFile(arena: Arena, megabytes: number): Promise<string> {
  const path = join(arena.directory, "input");
  using file = await Deno.open(path, { write: true, create: true });
  const piece = new Uint8Array(1_000_000);
  for (let start = 0; start < piece.length; start += 1 << 16) {
    crypto.getRandomValues(piece.subarray(start, start + (1 << 16)));
  }
  const writer = file.writable.getWriter();
  for (let left = megabytes; left > 0; left--) await writer.write(piece);
  await writer.close();
  return path;
}

const MEASURED = { unit: "ms", targets: [{ than: NODE, atMost: 2 }], rounds: 11, warmUp: 1 } as const;

/** Lines to a file. */
export const execLines: Row = {
  id: "exec-lines",
  title: "gvm exec, 1,000,000 lines to a file",
  ...MEASURED,
  contestants: (arena) => {
    const lines = arena.quick ? QUICK_LINES : LINES;
    return contestants(["lines", `${lines}`], "/dev/null", join(arena.directory, "output"));
  },
};

/** Bytes through standard input and standard output. */
export const execStdin: Row = {
  id: "exec-stdin",
  title: "gvm exec, 200 MB through standard input to standard output",
  ...MEASURED,
  contestants: async (arena) => {
    const input = await randomFile(arena, arena.quick ? QUICK_MEGABYTES : MEGABYTES);
    return await contestants(["copy"], input, "/dev/null");
  },
};
