import { GhostError } from "../../../gmp/errors.ts";
import type { TreeChanges, TreeEntry } from "../../wasi/mod.ts";
import type { HostEntry } from "./host_entry.ts";
import { outgoingLinks } from "./outgoing_links.ts";
import { isPath, nameOf, parentOf } from "./paths.ts";
import { temporaryName } from "./temporary_names.ts";

/** A directory, and what a guest did to its copy. */
interface Situation {
  /** What the guest got, by path. */
  readonly loaded: ReadonlyMap<string, HostEntry>;
  /** What it did not get, and why. */
  readonly leftOut: ReadonlyMap<string, string>;
  /** The present entries at the paths of `changes.written`. */
  readonly now: ReadonlyMap<string, HostEntry>;
  /** What the guest did. */
  readonly changes: TreeChanges;
}

/** Something new that one rename puts into place. */
export interface Put {
  /** A file, a link, or a new directory. */
  readonly entry: PlannedEntry;
  /** The contents of that directory, a directory before its contents. */
  readonly inside: readonly PlannedEntry[];
  /**
   * What was removed from a directory that it replaces, by paths below that; contents before their directory.
   */
  readonly replaced: readonly string[];
}

/** An entry, and what it takes over from the one that it was, or else from the one it replaces. */
export type PlannedEntry = TreeEntry & {
  /** Its permissions, if known. */
  readonly mode: number | undefined;
  /** What has its owner, if known. */
  readonly owner: HostEntry | undefined;
};

/** The changes to make in a directory. */
export interface Plan {
  /** What is new. */
  readonly puts: readonly Put[];
  /** Paths to remove once everything new is in place; contents before their directory. */
  readonly removals: readonly string[];
  /** What will not be done, and why. */
  readonly leftOut: ReadonlyMap<string, string>;
}

type MutablePut = Put & { readonly inside: PlannedEntry[]; readonly replaced: string[] };

/**
 * The changes that make a directory what a guest made of its copy. A link that leads out is left out; all the
 * rest is done or refused as a whole.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` for anything that would replace something the guest did not see, and
 * for paths that no guest can make.
 */
export function planWriteBack({ loaded, leftOut, now, changes }: Situation): Plan {
  const after = treeAfter(loaded, changes);
  const links = changes.written.filter(({ type }) => type === "link").map(({ path }) => path);
  const outgoing = outgoingLinks(loaded, after, new Set(links));
  const written = changes.written.filter(({ path }) => !outgoing.has(path));
  const puts = plannedPuts(written, loaded, now);
  for (const { path } of written) refuseUnseen(path, leftOut, loaded);
  // A link that would lead out from its new location stays where it was.
  const kept = new Set(outgoing);
  for (const { path, from } of changes.written) if (outgoing.has(path) && from !== undefined) kept.add(from);
  const removals = changes.removed.filter((path) => {
    if (kept.has(path) || puts.has(path) || !loaded.has(path)) return false;
    const above = ancestorsOf(path).find((one) => puts.has(one));
    if (above === undefined) return true;
    puts.get(above)!.replaced.push(path.slice(above.length + 1));
    return false;
  });
  const reasons = [...outgoing].map((path) =>
    [path, "it is a link that leads out of the directory"] as const
  );
  return { puts: [...puts.values()], removals, leftOut: new Map(reasons) };
}

/** The tree as the guest left it, if it is valid. */
function treeAfter(
  loaded: ReadonlyMap<string, HostEntry>,
  { removed, written }: TreeChanges,
): Map<string, HostEntry | TreeEntry> {
  const after = new Map<string, HostEntry | TreeEntry>(loaded);
  for (const path of removed) after.delete(path);
  const paths = new Set<string>();
  for (const entry of written) {
    const { path } = entry;
    if (!isPath(path)) refuse(path, "it is not a path below the directory");
    if (temporaryName(nameOf(path)) !== undefined) refuse(path, "such names are for what gvm itself writes");
    const parent = parentOf(path);
    if (parent !== "" && after.get(parent)?.type !== "directory") refuse(path, "it is not in a directory");
    if (paths.has(path)) refuse(path, "it is there twice");
    paths.add(path);
    after.set(path, entry);
  }
  return after;
}

/** The entries to be put into place, by path. */
function plannedPuts(
  written: readonly TreeEntry[],
  loaded: ReadonlyMap<string, HostEntry>,
  now: ReadonlyMap<string, HostEntry>,
): Map<string, MutablePut> {
  const puts = new Map<string, MutablePut>();
  const newDirectories = new Map<string, MutablePut>();
  for (const entry of written) {
    const { path, type } = entry;
    const isThere = now.get(path)?.type === type;
    const origin = loaded.get(entry.from ?? path) ?? now.get(path);
    const owner = origin?.type === type ? origin : undefined;
    const planned = { ...entry, mode: owner?.mode, owner };
    let put = newDirectories.get(parentOf(path));
    if (put !== undefined) put.inside.push(planned);
    else if (type === "directory" && isThere) continue;
    else puts.set(path, put = { entry: planned, inside: [], replaced: [] });
    if (type === "directory") newDirectories.set(path, put);
  }
  return puts;
}

/** A guest cannot have meant to replace what it could not see. */
function refuseUnseen(path: string, leftOut: Situation["leftOut"], loaded: Situation["loaded"]): void {
  // A name that is not UTF-8 may be reported as one that exists too.
  const unseen = [path, ...ancestorsOf(path)].find((one) => leftOut.has(one) && !loaded.has(one));
  if (unseen === undefined) return;
  const what = unseen === path ? "something" : `"${unseen}"`;
  refuse(path, `${what} is there that the module did not see: ${leftOut.get(unseen)}`);
}

/** The directories above `path`, the nearest first. */
function ancestorsOf(path: string): string[] {
  const ancestors: string[] = [];
  for (let at = parentOf(path); at !== ""; at = parentOf(at)) ancestors.push(at);
  return ancestors;
}

function refuse(path: string, reason: string): never {
  throw new GhostError("BAD_ARGUMENTS", `Cannot write back "${path}": ${reason}`);
}
