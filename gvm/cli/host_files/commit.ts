import { GhostError } from "../../../gmp/errors.ts";
import { systemCode, systemReason } from "../../../gmp/system_error.ts";
import { systemFault } from "../../../gmp/system_fault.ts";
import { isSame, isSameInode, lookAt } from "./host_entry.ts";
import { asidePath, type Journal, type JournalPut, removeJournal, stagedPath } from "./journal.ts";
import { hostPathIn, parentOf, PathChecker } from "./paths.ts";
import { syncDirectory } from "./sync.ts";
import { journalName } from "./temporary_names.ts";

/** What a write-back did not remove, and why, by path on this machine. */
export type Kept = Map<string, string>;

/**
 * Carries out `journals`, which are on disk: first puts everything new into place, then removes what is gone.
 * It can be repeated after an interruption at any instant. If something new cannot be put into place,
 * everything is undone.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` if it was undone.
 */
export function commit(journals: readonly Journal[]): Kept {
  const kept: Kept = new Map();
  try {
    for (const journal of journals) putAll(journal);
  } catch (error) {
    turnBack(journals);
    undo(journals);
    throw error;
  }
  for (const journal of journals) removeAll(journal, kept);
  // In the order in which they were written: as long as the last one exists, all have to be carried out.
  for (const journal of journals) {
    removeOld(journal, kept);
    removeJournal(journal);
  }
  return kept;
}

/** Makes a later `gvm` undo what this one cannot. */
function turnBack(journals: readonly Journal[]): void {
  const { root, id } = journals.at(-1)!;
  Deno.renameSync(hostPathIn(root, journalName(id, "redo")), hostPathIn(root, journalName(id, "undo")));
  syncDirectory(root);
}

/** Undoes `journals`, and removes everything new. */
export function undo(journals: readonly Journal[]): void {
  for (const journal of journals) {
    const checker = new PathChecker(journal.root);
    for (const put of journal.puts.toReversed()) {
      if (checker.isDirectory(parentOf(put.path))) undoPut(journal, put);
    }
    for (const put of journal.puts) removeTree(stagedPath(journal, put));
    syncAll(journal, journal.puts);
  }
  for (const journal of journals) removeJournal(journal);
}

/** @throws {GhostError} `BAD_ARGUMENTS` if something to be replaced has changed. */
export function checkPuts(journal: Journal): void {
  const checker = new PathChecker(journal.root);
  for (const put of journal.puts) {
    if (!checker.isDirectory(parentOf(put.path))) changed(put.path);
    isToBePut(journal, put);
  }
}

function putAll(journal: Journal): void {
  const checker = new PathChecker(journal.root);
  for (const put of journal.puts) {
    try {
      if (!checker.isDirectory(parentOf(put.path))) changed(put.path);
      putInPlace(journal, put);
    } catch (error) {
      throw systemFault("BAD_ARGUMENTS", `write back "${put.path}"`, error);
    }
  }
  syncAll(journal, journal.puts);
}

/** True if `put` has yet to be done. @throws {GhostError} if its destination has changed. */
function isToBePut(journal: Journal, put: JournalPut): boolean {
  if (lookAt(stagedPath(journal, put)) === undefined) return false;
  const there = lookAt(hostPathIn(journal.root, put.path));
  const isAside = lookAt(asidePath(journal, put)) !== undefined;
  const isAsBefore = there === undefined
    ? put.before === null || isAside
    : put.before !== null && isSame(there.identity, put.before.identity);
  return isAsBefore || changed(put.path);
}

function putInPlace(journal: Journal, put: JournalPut): void {
  if (!isToBePut(journal, put)) return;
  const [hostPath, from, aside] = [
    hostPathIn(journal.root, put.path),
    stagedPath(journal, put),
    asidePath(journal, put),
  ];
  if (put.before !== null && lookAt(aside) === undefined) {
    setAside(hostPath, aside, put.before.type === "directory" || lookAt(from)!.type === "directory");
  }
  Deno.renameSync(from, hostPath);
}

/** Keeps what is at `hostPath` at `aside`, until it is certainly not needed again. */
function setAside(hostPath: string, aside: string, mustGo: boolean): void {
  if (!mustGo) {
    try {
      // A second name, so that the first exists at every instant.
      return Deno.linkSync(hostPath, aside);
    } catch { /* not every file system has them */ }
  }
  Deno.renameSync(hostPath, aside);
}

function undoPut(journal: Journal, put: JournalPut): void {
  const [hostPath, from, aside] = [
    hostPathIn(journal.root, put.path),
    stagedPath(journal, put),
    asidePath(journal, put),
  ];
  const there = lookAt(hostPath);
  const old = lookAt(aside);
  const isNew = there !== undefined && isSameInode(there.identity, put.after);
  if (old === undefined) {
    if (isNew) Deno.renameSync(hostPath, from);
    return;
  }
  const isOld = there !== undefined && isSameInode(there.identity, old.identity);
  // Somebody has put something else there meanwhile.
  if (there !== undefined && !isNew && !isOld) return;
  if (isNew && (there.type === "directory" || old.type === "directory")) Deno.renameSync(hostPath, from);
  Deno.renameSync(aside, hostPath);
  if (isOld) Deno.removeSync(aside);
}

function removeAll(journal: Journal, kept: Kept): void {
  const checker = new PathChecker(journal.root);
  const added = new Set(journal.puts.map(({ after }) => `${after.dev} ${after.ino}`));
  for (const { path, before } of journal.removals) {
    const hostPath = hostPathIn(journal.root, path);
    const there = checker.isDirectory(parentOf(path)) ? lookAt(hostPath) : undefined;
    // A case-insensitive file system may have something new by that name.
    if (there === undefined || added.has(`${there.identity.dev} ${there.identity.ino}`)) continue;
    if (!isSame(there.identity, before.identity)) kept.set(path, "something else has changed it meanwhile");
    else remove(hostPath, path, kept);
  }
  syncAll(journal, journal.removals);
}

/** Removes what was replaced. */
function removeOld(journal: Journal, kept: Kept): void {
  const replaced = journal.puts.filter(({ before }) => before !== null);
  for (const put of replaced) {
    const hostPath = asidePath(journal, put);
    if (lookAt(hostPath) !== undefined) remove(hostPath, hostPath.slice(journal.root.length + 1), kept);
  }
  syncAll(journal, replaced);
}

function remove(hostPath: string, path: string, kept: Kept): void {
  try {
    Deno.removeSync(hostPath);
  } catch (error) {
    const isFull = systemCode(error) === "ENOTEMPTY";
    kept.set(path, isFull ? "it has what the module did not see" : systemReason(error));
  }
}

function removeTree(hostPath: string): void {
  try {
    Deno.removeSync(hostPath, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Returns once the names in the directories of these paths would survive a power cut. */
function syncAll({ root }: Journal, changes: readonly { readonly path: string }[]): void {
  for (const directory of new Set(changes.map(({ path }) => parentOf(path)))) {
    if (lookAt(hostPathIn(root, directory)) !== undefined) syncDirectory(hostPathIn(root, directory));
  }
}

function changed(path: string): never {
  throw new GhostError(
    "BAD_ARGUMENTS",
    `Cannot write back "${path}": something else has changed it meanwhile`,
  );
}
