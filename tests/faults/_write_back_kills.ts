/** Kills `gvm exec` (`kill -9`) at random instants while it writes back, and checks what is left and what the next one makes of it. */
import { assert, assertEquals, equal } from "@std/assert";
import { join } from "@std/path";
import { temporaryName } from "../../gvm/cli/host_files/temporary_names.ts";
import { Place, type Shown, withoutTemporaries } from "../gvm/cli/host_files/_place.ts";
import { commandLine, ROOT, runCommand } from "../tools/commands.ts";
import { commandCase, lost } from "./_write_backs.ts";

const TOOL = join(ROOT, "tests/gvm/cli/fixtures/tool.wasm");
const ENV = { GHOST_HOME: "/nonexistent", GHOST_GMP_PORT: "1", GHOST_COMMAND_PORT: "1" };

/** What was tried. Nothing was lost, for else there are no figures. */
interface WriteBackKills {
  kills: number;
  /** Milliseconds that one takes that is not killed, from its first trace, and from its journal, to the end of the command. */
  lasts: Record<Trace, number>;
  /** Killed while what is new was written: the directory was as before. */
  before: number;
  /** Killed when the journal was there: the next one finished it. */
  finished: number;
  /** Killed too late. */
  after: number;
}

/** What is seen of a write-back: its first new file, or its journal. */
type Trace = "new" | "redo";

/** How write-backs are killed. */
interface WriteBackKillOptions {
  /** How many of them, at most. */
  readonly kills: number;
  /** Files that each moves, removes and writes. */
  readonly files: number;
  /** Whether what was seen is enough; it never is by default. */
  readonly enough?: (figures: WriteBackKills) => boolean;
  /** Hears of each kill. */
  readonly progress?: (kill: number) => void;
}

/** Kills that many, half of them after the first trace of a write-back, half after its journal is there. Throws at the first that lost something. */
export async function killWriteBacks(
  { kills, files, enough = () => false, progress }: WriteBackKillOptions,
): Promise<WriteBackKills> {
  const tried = commandCase(files);
  const figures: WriteBackKills = { kills: 0, lasts: { new: 0, redo: 0 }, before: 0, finished: 0, after: 0 };
  for (const trace of ["new", "redo"] as const) {
    using place = new Place(tried.before);
    figures.lasts[trace] = Math.round(await run(place, tried.steps, trace));
    assertEquals(place.shown, tried.after);
  }
  for (let kill = 1; kill <= kills && !enough(figures); kill++) {
    using place = new Place(tried.before);
    const trace = kill % 2 === 0 ? "new" : "redo";
    const delay = Math.random() * figures.lasts[trace];
    await run(place, tried.steps, trace, delay);
    const left = place.shown;
    assertEquals(lost(left, tried), [], `lost ${delay} ms after "${trace}"`);
    // The next one that is given the directory.
    const { code, stderr } = await runCommand("gvm", [
      "exec",
      `--dir=${place.host}::/w:rw`,
      TOOL,
      "--",
      "list",
      "/w",
    ], {
      env: ENV,
    });
    assertEquals(code, 0, stderr);
    figures[await came(tried, left, place.shown, stderr)]++;
    figures.kills = kill;
    progress?.(kill);
  }
  return figures;
}

/** How it was found, and that it is as it must be now. */
function came(
  { before, after }: { before: Shown; after: Shown },
  left: Shown,
  now: Shown,
  told: string,
): "before" | "finished" | "after" {
  const hasJournal = Object.keys(left).some((name) => temporaryName(name)?.kind === "redo");
  if (hasJournal) {
    assert(told.includes("finished a write-back that was interrupted"), told);
    assertEquals(now, after);
    return "finished";
  }
  assertEquals(told, "");
  const own = withoutTemporaries(now);
  if (equal(own, after)) return "after";
  assertEquals(own, before);
  return "before";
}

/** Runs it, and kills it `delay` ms after a trace of its write-back; returns how long that took. */
async function run(place: Place, steps: string[], trace: Trace, delay?: number): Promise<number> {
  const [program, ...args] = commandLine("gvm", ["exec", `--dir=${place.host}::/w:rw`, TOOL, "--", ...steps]);
  using watcher = Deno.watchFs(place.host, { recursive: false });
  const child = new Deno.Command(program, {
    args,
    env: ENV,
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  for await (const { paths } of watcher) {
    if (paths.some((path) => temporaryName(path.slice(place.host.length + 1))?.kind === trace)) break;
  }
  const began = performance.now();
  if (delay === undefined) {
    assertEquals((await child.status).code, 0);
    return performance.now() - began;
  }
  await new Promise((resolve) => setTimeout(resolve, delay));
  try {
    child.kill("SIGKILL");
  } catch { /* it has ended */ }
  await child.status;
  return delay;
}
