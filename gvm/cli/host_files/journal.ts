import { type HostEntry, type Identity, lookAt } from "./host_entry.ts";
import { hostPathIn, isPath, parentOf } from "./paths.ts";
import { syncDirectory, writeNewFile } from "./sync.ts";
import { isId, journalName, newName, oldName } from "./temporary_names.ts";

/** Largest journal that is read, in bytes: 65,536 paths of 4,096 bytes fit. */
const LARGEST_JOURNAL = 1 << 29;

/** Something new to be put into place. */
export interface JournalPut {
  /** Its destination. */
  readonly path: string;
  /** Its number among the write-back's new things, from which it and what it replaces get temporary names. */
  readonly number: number;
  /** The new thing. */
  readonly after: Identity;
  /** What it replaces. */
  readonly before: Pick<HostEntry, "type" | "identity"> | null;
}

/** Something that the guest removed. */
export interface JournalRemoval {
  /** Its path once everything new is in place. */
  readonly path: string;
  /** What it is. */
  readonly before: Pick<HostEntry, "type" | "identity">;
}

/** What a write-back does to one directory, once everything new is on disk. */
export interface Journal {
  /** The directory, with links resolved. */
  readonly root: string;
  /** The write-back's number. */
  readonly id: string;
  /** The directories that are written back together, in the order of their journals. */
  readonly group: readonly { readonly root: string; readonly id: string }[];
  /** New things, in order. */
  readonly puts: readonly JournalPut[];
  /** Removals, in order. */
  readonly removals: readonly JournalRemoval[];
}

/** Where something new is staged: beside its destination. */
export function stagedPath({ root, id }: Journal, { path, number }: JournalPut): string {
  return hostPathIn(root, siblingOf(path, newName(id, number)));
}

/** Where what it replaces is kept until everything is in place. */
export function asidePath({ root, id }: Journal, { path, number }: JournalPut): string {
  return hostPathIn(root, siblingOf(path, oldName(id, number)));
}

/** The path of `name` in the directory of `path`. */
export function siblingOf(path: string, name: string): string {
  const parent = parentOf(path);
  return parent === "" ? name : `${parent}/${name}`;
}

/**
 * Writes the complete journal to disk, under the name by which a later `gvm` continues if this one is
 * interrupted.
 */
export function writeJournal(journal: Journal): void {
  const { root, id, group, puts, removals } = journal;
  const text = JSON.stringify({ group, puts, removals });
  const draft = hostPathIn(root, journalName(id, "draft"));
  writeNewFile(draft, new TextEncoder().encode(text), { mode: 0o600 });
  Deno.renameSync(draft, hostPathIn(root, journalName(id, "redo")));
  syncDirectory(root);
}

/**
 * The journal of the write-back `id` to `root`, if there is one. Anybody may have written it: its paths are
 * checked here, and it must know the identities of what it replaces and removes.
 *
 * @throws {Error} for an invalid journal.
 */
export function readJournal(root: string, id: string, kind: "redo" | "undo"): Journal | undefined {
  const hostPath = hostPathIn(root, journalName(id, kind));
  const there = lookAt(hostPath);
  if (there === undefined) return undefined;
  if (there.type !== "file" || there.identity.size > LARGEST_JOURNAL) throw new Error("it is not a journal");
  const { group, puts, removals } = JSON.parse(Deno.readTextFileSync(hostPath)) as Journal;
  const isSound = group.every((one) => typeof one.root === "string" && isId(one.id)) &&
    puts.every(({ path, number, after }) => isPath(path) && Number.isInteger(number) && isIdentity(after)) &&
    puts.every(({ before }) => before === null || isIdentity(before.identity)) &&
    removals.every(({ path, before }) => isPath(path) && isIdentity(before.identity)) &&
    group.some((one) => one.id === id && one.root === root);
  if (!isSound) throw new Error("it is not a journal");
  return { root, id, group, puts, removals };
}

function isIdentity({ dev, ino, size, modified }: Identity): boolean {
  return [dev, ino, size, modified].every((one) => typeof one === "number");
}

/** Removes the journal and any draft of it. */
export function removeJournal({ root, id }: Pick<Journal, "root" | "id">): void {
  for (const kind of ["redo", "undo", "draft"] as const) {
    const hostPath = hostPathIn(root, journalName(id, kind));
    if (lookAt(hostPath) !== undefined) Deno.removeSync(hostPath);
  }
  syncDirectory(root);
}
