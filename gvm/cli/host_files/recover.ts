import { checkPuts, commit, undo } from "./commit.ts";
import { DirectoryLock } from "./directory_lock.ts";
import { lookAt } from "./host_entry.ts";
import { type Journal, readJournal } from "./journal.ts";
import { hostPathIn, nameOf, parentOf } from "./paths.ts";
import { journalName, newId, temporaryName } from "./temporary_names.ts";
import { writeNewFile } from "./sync.ts";

/** Milliseconds after which the leftovers of a write-back without a journal count as abandoned. */
const FORGOTTEN_TIME = 24 * 60 * 60 * 1000;

/** Whether a write-back to `root` is under way, or was interrupted when everything new was on disk. */
export function hasJournal(root: string): boolean {
  return journalsIn(root).length > 0;
}

/** This user's write-backs to `root` that were interrupted when everything new was on disk. */
function interrupted(root: string): string[] {
  const names = journalsIn(root);
  if (names.length === 0) return [];
  // Somebody else's journal could make us remove what only this user may remove.
  const mine = ownerOfNew(root);
  const own = names.filter((name) => Deno.lstatSync(hostPathIn(root, name)).uid === mine);
  return [...new Set(own.map((name) => temporaryName(name)!.id))];
}

function journalsIn(root: string): string[] {
  return Array.from(Deno.readDirSync(root), ({ name }) => name).filter(isJournal);
}

function isJournal(name: string): boolean {
  const kind = temporaryName(name)?.kind;
  return kind === "redo" || kind === "undo";
}

/**
 * Ends interrupted write-backs to the directory `root`: finishes them, or undoes those that were being
 * undone. If anything was changed after the interruption, nothing is touched. Returns what to tell the user.
 */
export async function recover(root: string): Promise<string[]> {
  const told: string[] = [];
  for (const id of interrupted(root)) {
    const said = await recoverOne(root, id);
    if (said !== undefined) told.push(said);
  }
  return told;
}

async function recoverOne(root: string, id: string): Promise<string | undefined> {
  try {
    const group = groupOf(root, id);
    // Others may be at work in the group's directories.
    using _lock = await DirectoryLock.take(group.map((one) => one.root), true);
    const last = group.at(-1)!;
    const isToBeDone = lookAt(hostPathIn(last.root, journalName(last.id, "redo"))) !== undefined;
    const journals = group.flatMap((one) => journalOf(one) ?? []);
    // Another process was faster.
    if (!journals.some((one) => one.root === root && one.id === id)) return undefined;
    if (!isToBeDone) {
      undo(journals);
      return "undid a write-back that was interrupted";
    }
    for (const journal of journals) checkPuts(journal);
    return finish(journals);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `could not finish a write-back that was interrupted (${reason}); ` +
      `its files are called ".gvm-${id}-…": remove them when they are not needed`;
  }
}

function finish(journals: readonly Journal[]): string {
  try {
    commit(journals);
    return "finished a write-back that was interrupted";
  } catch (error) {
    if (journals.some((one) => journalOf(one) !== undefined)) throw error;
    return `undid a write-back that was interrupted (${(error as Error).message})`;
  }
}

/** The directories that were written back together. Without all of them we cannot know what to do. */
function groupOf(root: string, id: string): Journal["group"] {
  const journal = journalOf({ root, id });
  if (journal === undefined) return [{ root, id }];
  for (const one of journal.group) {
    if (lookAt(one.root)?.type !== "directory") throw new Error(`"${one.root}" is not there`);
  }
  return journal.group;
}

function journalOf({ root, id }: Journal["group"][number]): Journal | undefined {
  return readJournal(root, id, "redo") ?? readJournal(root, id, "undo");
}

/**
 * Removes the `temporaries` found in `root` that write-backs left without a journal, if they are this user's
 * and old: another `gvm` may be writing newer ones right now.
 */
export function sweep(root: string, temporaries: readonly string[], now = Date.now()): void {
  const left = temporaries.filter((path) => ["new", "draft"].includes(temporaryName(nameOf(path))!.kind));
  if (left.length === 0) return;
  const names = temporaries.map(nameOf);
  const journals = new Set(names.filter(isJournal).map((name) => temporaryName(name)!.id));
  try {
    const mine = ownerOfNew(root);
    for (const path of left) {
      const { id } = temporaryName(nameOf(path))!;
      if (journals.has(id) || hasJournalAbove(root, id)) continue;
      const info = Deno.lstatSync(hostPathIn(root, path));
      const changedAt = info.ctime ?? info.birthtime;
      if (info.uid !== mine || changedAt === null || now - changedAt.getTime() < FORGOTTEN_TIME) {
        continue;
      }
      Deno.removeSync(hostPathIn(root, path), { recursive: true });
    }
  } catch { /* another time, or somebody else */ }
}

/** The owner of a new file in `directory`. */
function ownerOfNew(directory: string): number | null {
  const hostPath = hostPathIn(directory, journalName(newId(), "draft"));
  writeNewFile(hostPath, new Uint8Array(0));
  const { uid } = Deno.lstatSync(hostPath);
  Deno.removeSync(hostPath);
  return uid;
}

/** Whether the write-back's journal is in `directory` or above it. */
function hasJournalAbove(directory: string, id: string): boolean {
  for (let at = directory;; at = parentOf(at)) {
    for (const kind of ["redo", "undo"] as const) {
      if (lookAt(hostPathIn(at === "" ? "/" : at, journalName(id, kind))) !== undefined) return true;
    }
    if (at === "" || !at.includes("/")) return false;
  }
}
