/**
 * Write-backs in which something happens to one system call, for each of them. They are made in memory where the machine has
 * a file system for that: what they do is the same, and no disk need be waited for ten thousand times.
 */
import { assert, assertEquals } from "@std/assert";
import { hasJournal, recover } from "../../gvm/cli/host_files/recover.ts";
import { temporaryName } from "../../gvm/cli/host_files/temporary_names.ts";
import { Guest, Place, type Shown, withoutTemporaries } from "../gvm/cli/host_files/_place.ts";
import { Killed, type SystemCallOptions, SystemCalls } from "./_system_calls.ts";
import { EVERYTHING, lost } from "./_write_backs.ts";

/** In memory (shm_overview(7)), if there is such a file system. */
const WHERE = isDirectory("/dev/shm") ? "/dev/shm" : undefined;

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false; // macOS and Windows have none
  }
}

/** What came of a write-back in which something happened. */
interface Came {
  readonly calls: string[];
  readonly error: unknown;
  readonly kept: string[];
  readonly place: Place;
}

async function tryWriteBack(options?: SystemCallOptions): Promise<Came> {
  const place = new Place(EVERYTHING.before, WHERE);
  const guest = new Guest(place.host);
  EVERYTHING.does(guest);
  using calls = new SystemCalls(place.host, options);
  try {
    const { kept } = await guest.writeBack();
    return { calls: calls.made, error: undefined, kept: [...kept.keys()], place };
  } catch (error) {
    return { calls: calls.made, error, kept: [], place };
  }
}

/** What is left of the tree's own, and whether it is the old or the new one. */
function which(shown: Shown): "before" | "after" | Shown {
  const own = JSON.stringify(withoutTemporaries(shown));
  return own === JSON.stringify(EVERYTHING.before)
    ? "before"
    : own === JSON.stringify(EVERYTHING.after)
    ? "after"
    : shown;
}

const hasTemporaries = (shown: Shown) =>
  Object.keys(shown).length > Object.keys(withoutTemporaries(shown)).length;

Deno.test("a write-back that is killed before any of its system calls is finished, or has not begun", async () => {
  const { calls, place: whole } = await tryWriteBack();
  assertEquals(whole.shown, EVERYTHING.after);
  whole[Symbol.dispose]();
  assert(calls.length > 80, `${calls.length} calls are too few to mean anything`);
  const seen = { before: 0, after: 0 };
  for (let at = 0; at < calls.length; at++) {
    const { error, place } = await tryWriteBack({ at, how: "killed" });
    using _place = place;
    const where = `killed before ${calls[at]}`;
    assert(error !== undefined, where);
    assertEquals(lost(place.shown, EVERYTHING), [], where);
    const told = await recover(place.host);
    const now = which(place.shown);
    assert(now === "before" || now === "after", `${where}: ${told} ${JSON.stringify(now)}`);
    seen[now]++;
    if (now === "after") assertEquals(hasTemporaries(place.shown), false, where);
    // Whoever works there next can.
    await new Guest(place.host).write("next", "x").writeBack();
    assertEquals(withoutTemporaries(place.shown)["next"], "x");
  }
  assert(seen.before > 20 && seen.after > 20, JSON.stringify(seen));
});

Deno.test("one that is killed, and whose ending is killed as well, is finished in the end", async () => {
  const { calls, place: whole } = await tryWriteBack();
  whole[Symbol.dispose]();
  const journal = calls.findIndex((call) => call.endsWith(".redo"));
  for (let at = journal + 2; at < calls.length; at += 5) {
    const { place } = await tryWriteBack({ at, how: "killed" });
    using _place = place;
    for (let again = 0; hasJournal(place.host); again += 3) {
      {
        using _calls = new SystemCalls(place.host, { at: again, how: "killed" });
        await recover(place.host).catch(() => {});
      }
      assertEquals(lost(place.shown, EVERYTHING), [], `killed before ${calls[at]}, then at ${again}`);
    }
    await recover(place.host);
    assertEquals(place.shown, EVERYTHING.after);
  }
});

Deno.test("one that is undone because a call fails, and is killed meanwhile, is undone in the end", async () => {
  const { calls, place: whole } = await tryWriteBack();
  whole[Symbol.dispose]();
  const journal = calls.findIndex((call) => call.endsWith(".redo"));
  const lastPut = calls.findLastIndex((call) => call.startsWith("renameSync"));
  let undone = 0;
  for (let at = lastPut; at > journal + 2; at -= 3) {
    for (let killedAt = at + 1, isOver = false; !isOver; killedAt++) {
      const { error, place } = await tryWriteBack({ at, how: "EPERM", killedAt });
      using _place = place;
      isOver = !(error instanceof Error && error.cause instanceof Killed);
      const where = `${calls[at]} fails, killed ${killedAt - at} calls later`;
      assertEquals(lost(place.shown, EVERYTHING), [], where);
      await recover(place.host);
      // The very first step backwards is what decides.
      if (which(place.shown) === "before") undone++;
      else assertEquals([killedAt, which(place.shown)], [at + 1, "after"], where);
    }
  }
  assert(undone > 100, `${undone} are too few to mean anything`);
});

for (const how of ["EIO", "ENOSPC", "EPERM"] as const) {
  Deno.test(`a write-back of which any system call fails with ${how} loses nothing, and says so`, async () => {
    const { calls, place: whole } = await tryWriteBack();
    whole[Symbol.dispose]();
    let undone = 0;
    for (let at = 0; at < calls.length; at++) {
      const { error, kept, place } = await tryWriteBack({ at, how });
      using _place = place;
      const where = `${calls[at]} fails`;
      assertEquals(lost(place.shown, EVERYTHING), [], where);
      if (error !== undefined) {
        assertEquals((error as { code?: string }).code, "BAD_ARGUMENTS", where);
        undone += which(place.shown) === "before" && !hasTemporaries(place.shown) ? 1 : 0;
      }
      await recover(place.host);
      const now = which(place.shown);
      // What could not be removed is there still, and was named.
      if (kept.length === 0) assert(now === "before" || now === "after", `${where}: ${JSON.stringify(now)}`);
      else {assertEquals(withoutTemporaries(place.shown), {
          ...EVERYTHING.after,
          ...stillThere(place.shown, kept),
        }, where);}
    }
    assert(undone > 40, `${undone} were undone at once`);
  });
}

/** What was kept, and the directories that it is in. */
function stillThere(shown: Shown, kept: string[]): Shown {
  const paths = kept.filter((path) => path.split("/").every((name) => temporaryName(name) === undefined));
  return Object.fromEntries(paths.map((path) => [path, shown[path]!]));
}

Deno.test("nothing has its place before all that is new and the journal are on the disk, and nothing goes before that", async () => {
  const { calls, place } = await tryWriteBack();
  using _place = place;
  const isNew = (path: string) => /\.gvm-[0-9a-f]+-\d+(\/|$)/.test(path);
  const journal = calls.findIndex((call) => /^renameSync \S+\.draft \S+\.redo$/.test(call));
  const firstPut = calls.findIndex((call, i) => i > journal && /^(renameSync|linkSync) /.test(call));
  const lastPut = calls.findLastIndex((call) => call.startsWith("renameSync"));
  const firstRemoval = calls.findIndex((call) => call.startsWith("removeSync") && !isNew(call));
  const staged = calls.slice(0, journal);
  for (const call of staged) {
    const [name, path] = call.split(" ");
    if (name !== "openSync") continue;
    const synced = staged.lastIndexOf(`syncSync ${path}`);
    assert(synced > staged.lastIndexOf(`writeSync ${path}`), `${path} is synced once it is written`);
  }
  for (const call of staged) {
    const [name, path] = call.split(" ");
    if (name === "mkdirSync") assert(staged.includes(`syncSync ${path}`), `${path} is synced`);
  }
  assert(staged.includes("syncSync ."), "the names of what is new are on the disk");
  assertEquals(calls[journal + 1], "syncSync .", "the journal is on the disk");
  assert(firstPut > journal + 1 && lastPut < firstRemoval);
  assert(calls.slice(lastPut, firstRemoval).includes("syncSync ."), "what has its place has it for good");
  assert(calls.at(-1) === "syncSync ." && calls.at(-2)!.endsWith(".redo"), "the journal goes last");
});
