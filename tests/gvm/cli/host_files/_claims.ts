import { assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../../gmp/errors.ts";
import { readTree } from "../../../../gvm/cli/host_files/read_tree.ts";
import { TreeBudget } from "../../../../gvm/cli/host_files/tree_budget.ts";
import { writeBack } from "../../../../gvm/cli/host_files/write_back.ts";
import type { TreeChanges, TreeEntry } from "../../../../gvm/wasi/mod.ts";
import type { Place } from "./_place.ts";

export const NOTHING = new Map<string, string>();

export const AT = 1_600_000_000_000_000_000n;
export const file = (path: string, text = "new"): TreeEntry => (
  { type: "file", path, modifiedAt: AT, bytes: new TextEncoder().encode(text) }
);
export const directory = (path: string): TreeEntry => ({ type: "directory", path, modifiedAt: AT });
export const link = (path: string, target: string): TreeEntry => ({
  type: "link",
  path,
  modifiedAt: AT,
  target,
});

/** Writes back what no guest may have done, but an executor may say. */
export async function claim(place: Place, changes: Partial<TreeChanges>): Promise<unknown> {
  const tree = readTree(place.host, new TreeBudget(1000));
  return await writeBack([{ tree, changes: { removed: [], written: [], ...changes } }]);
}

export async function refused(place: Place, action: () => Promise<unknown>): Promise<string> {
  const before = place.shown;
  const error = await assertRejects(action, GhostError);
  assertEquals([error.code, place.shown], ["BAD_ARGUMENTS", before], "nothing may be changed");
  return error.message;
}
