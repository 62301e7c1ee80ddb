import { type HostEntry, type Identity, lookAt } from "./host_entry.ts";
import { isPath, parentOf, placeIn } from "./paths.ts";
import { syncDirectory, writeNewFile } from "./sync.ts";
import { isId, journalName, newName, oldName } from "./temporary_names.ts";

/** Largest journal that is read: 65,536 paths of 4,096 bytes fit. */
const LARGEST_JOURNAL = 1 << 29;

/** Something new on its way to its place. */
export interface JournalPut {
  /** Its place. */
  readonly path: string;
  /** Its number among the new things of the write-back, which gives it and what it replaces a name for the time being. */
  readonly number: number;
  /** What is new. */
  readonly after: Identity;
  /** What it replaces. */
  readonly before: Pick<HostEntry, "type" | "identity"> | null;
}

/** Something that the guest removed. */
export interface JournalRemoval {
  /** Where it is when all that is new has its place. */
  readonly path: string;
  /** What it is. */
  readonly before: Pick<HostEntry, "type" | "identity">;
}

/** What a write-back does to one directory, when everything new is on the disk. */
export interface Journal {
  /** The directory, without links. */
  readonly root: string;
  /** The write-back's number. */
  readonly id: string;
  /** The directories that are written to together, in the order of their journals. */
  readonly group: readonly { readonly root: string; readonly id: string }[];
  /** What is new, in order. */
  readonly puts: readonly JournalPut[];
  /** What goes, in order. */
  readonly removals: readonly JournalRemoval[];
}

/** Where something new is before it has its place: beside that. */
export function newPlace({ root, id }: Journal, { path, number }: JournalPut): string {
  return placeIn(root, siblingOf(path, newName(id, number)));
}

/** Where what it replaces is until everything has its place. */
export function oldPlace({ root, id }: Journal, { path, number }: JournalPut): string {
  return placeIn(root, siblingOf(path, oldName(id, number)));
}

/** The path of `name` in the directory that `path` is in. */
export function siblingOf(path: string, name: string): string {
  const parent = parentOf(path);
  return parent === "" ? name : `${parent}/${name}`;
}

/** Puts the journal on the disk, whole, under the name by which a later `gvm` goes on where this one was ended. */
export function writeJournal(journal: Journal): void {
  const { root, id, group, puts, removals } = journal;
  const text = JSON.stringify({ group, puts, removals });
  const draft = placeIn(root, journalName(id, "draft"));
  writeNewFile(draft, new TextEncoder().encode(text), { mode: 0o600 });
  Deno.renameSync(draft, placeIn(root, journalName(id, "redo")));
  syncDirectory(root);
}

/**
 * The journal of the write-back `id` to `root`, if it has one. Anybody may have written it: what it may have done is checked
 * here, and by the identities that it must know of what it replaces and removes.
 *
 * @throws {Error} when it is not one.
 */
export function readJournal(root: string, id: string, kind: "redo" | "undo"): Journal | undefined {
  const place = placeIn(root, journalName(id, kind));
  const there = lookAt(place);
  if (there === undefined) return undefined;
  if (there.type !== "file" || there.identity.size > LARGEST_JOURNAL) throw new Error("it is no journal");
  const { group, puts, removals } = JSON.parse(Deno.readTextFileSync(place)) as Journal;
  const isSound = group.every((one) => typeof one.root === "string" && isId(one.id)) &&
    puts.every(({ path, number, after }) => isPath(path) && Number.isInteger(number) && isIdentity(after)) &&
    puts.every(({ before }) => before === null || isIdentity(before.identity)) &&
    removals.every(({ path, before }) => isPath(path) && isIdentity(before.identity)) &&
    group.some((one) => one.id === id && one.root === root);
  if (!isSound) throw new Error("it is no journal");
  return { root, id, group, puts, removals };
}

function isIdentity({ dev, ino, size, modified }: Identity): boolean {
  return [dev, ino, size, modified].every((one) => typeof one === "number");
}

/** Forgets the journal, and what there may be of one. */
export function removeJournal({ root, id }: Pick<Journal, "root" | "id">): void {
  for (const kind of ["redo", "undo", "draft"] as const) {
    const place = placeIn(root, journalName(id, kind));
    if (lookAt(place) !== undefined) Deno.removeSync(place);
  }
  syncDirectory(root);
}
