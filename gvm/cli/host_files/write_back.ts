import { systemFault } from "../../../gmp/system_fault.ts";
import type { TreeChanges } from "../../wasi/mod.ts";
import { commit, type Kept } from "./commit.ts";
import { DirectoryLock } from "./directory_lock.ts";
import { type HostEntry, lookAt } from "./host_entry.ts";
import { type Journal, removeJournal, writeJournal } from "./journal.ts";
import { hostPathIn, isPath } from "./paths.ts";
import { type Plan, planWriteBack } from "./plan.ts";
import type { HostTree } from "./read_tree.ts";
import { Stage } from "./stage.ts";
import { newId } from "./temporary_names.ts";

/** A directory and what a guest did to its copy. */
export interface Changed {
  readonly tree: Omit<HostTree, "entries">;
  readonly changes: TreeChanges;
}

/** What a write-back left undone, and why, by path. */
export interface WrittenBack {
  /** Links that lead out. */
  readonly leftOut: ReadonlyMap<string, string>;
  /** What should have been removed but was not. */
  readonly kept: Kept;
}

/**
 * Applies the changes of copies to their directories, all or none: first everything new is written beside its
 * destination; then a journal records what is to be done; then everything new is put into place, and last
 * what is gone is removed. An interruption leaves the journal, from which {@linkcode recover} continues.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` when nothing was changed, with the reason; `CANCELLED` when `signal`
 * aborts while another `gvm` holds a directory.
 */
export async function writeBack(all: readonly Changed[], signal?: AbortSignal): Promise<WrittenBack> {
  using _lock = await DirectoryLock.take(all.map(({ tree }) => tree.root), true, signal);
  const changed = all.map((one) => ({ ...one, plan: planFor(one) }));
  const leftOut = new Map(changed.flatMap(({ plan }) => [...plan.leftOut]));
  const busy = changed.filter(({ plan }) => plan.puts.length + plan.removals.length > 0);
  if (busy.length === 0) return { leftOut, kept: new Map() };
  try {
    return { leftOut, kept: commit(prepare(busy)) };
  } catch (error) {
    throw systemFault("BAD_ARGUMENTS", "write back what was changed", error);
  }
}

function planFor({ tree: { root, loaded, leftOut }, changes }: Changed): Plan {
  const now = new Map<string, HostEntry>();
  for (const { path } of changes.written) {
    const there = isPath(path) ? lookAt(hostPathIn(root, path)) : undefined;
    if (there !== undefined) now.set(path, there);
  }
  return planWriteBack({ loaded, leftOut, now, changes });
}

/** Writes everything new, and the journals, to disk. If that fails, nothing is left behind. */
function prepare(all: readonly (Changed & { readonly plan: Plan })[]): Journal[] {
  const group = all.map(({ tree: { root } }) => ({ root, id: newId() }));
  using stages = new DisposableStack();
  const staged = all.map(({ tree: { root, loaded }, plan }, i) =>
    stages.use(new Stage({ root, id: group[i]!.id, group, loaded, plan }))
  );
  const journals = staged.map((stage) => stage.journal());
  try {
    for (const journal of journals) writeJournal(journal);
  } catch (error) {
    for (const journal of journals) removeJournal(journal);
    throw error;
  }
  for (const stage of staged) stage.keep();
  return journals;
}
