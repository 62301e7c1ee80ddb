import { GhostError } from "../../../gmp/errors.ts";
import { systemFault } from "../../../gmp/system_fault.ts";
import { type HostEntry, isSame, isSameInode, lookAt } from "./host_entry.ts";
import { type Journal, type JournalPut, type JournalRemoval, siblingOf } from "./journal.ts";
import { childOf, hostPathIn, parentOf, PathChecker } from "./paths.ts";
import type { Plan, PlannedEntry, Put } from "./plan.ts";
import { setOwner, syncDirectory, writeNewFile } from "./sync.ts";
import { newName, oldName } from "./temporary_names.ts";

/** What a stage needs. */
interface StageOptions {
  readonly root: string;
  /** The write-back's number. */
  readonly id: string;
  readonly group: Journal["group"];
  /** What the guest got, by path. */
  readonly loaded: ReadonlyMap<string, HostEntry>;
  readonly plan: Plan;
}

/** Everything new on disk, under temporary names beside its destination. Nothing old is touched. */
export class Stage implements Disposable {
  readonly #options: StageOptions;
  readonly #puts: JournalPut[] = [];
  #kept = false;

  /**
   * Writes everything new to disk.
   *
   * @throws {GhostError} `BAD_ARGUMENTS` when something cannot be written, or could not be put into place;
   * nothing is left behind then.
   */
  constructor(options: StageOptions) {
    this.#options = options;
    try {
      this.#write();
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Leaves what was written to the journal. */
  keep(): void {
    this.#kept = true;
  }

  /** What remains to be done. */
  journal(): Journal {
    const { root, id, group, plan, loaded } = this.#options;
    const removals: JournalRemoval[] = [];
    const puts = this.#puts.map((put, i) => {
      // Checked again: something else may have been at work here while it was written.
      const before = this.#replaced(plan.puts[i]!);
      if (before?.type === "directory") {
        const { path } = put;
        const aside = siblingOf(path, oldName(id, put.number));
        for (const below of plan.puts[i]!.replaced) {
          removals.push({ path: childOf(aside, below), before: loaded.get(`${path}/${below}`)! });
        }
      }
      return {
        ...put,
        before: before === undefined ? null : { type: before.type, identity: before.identity },
      };
    });
    for (const path of plan.removals) removals.push({ path, before: loaded.get(path)! });
    const known = removals.map(({ path, before: { type, identity } }) => ({
      path,
      before: { type, identity },
    }));
    return { root, id, group, puts, removals: known };
  }

  /** Removes what was written, unless a journal has it. */
  [Symbol.dispose](): void {
    if (this.#kept) return;
    const { root, id, plan } = this.#options;
    for (const [number, { entry }] of plan.puts.entries()) {
      try {
        Deno.removeSync(hostPathIn(root, siblingOf(entry.path, newName(id, number))), { recursive: true });
      } catch { /* it was not written, or is swept another time */ }
    }
  }

  #write(): void {
    const { root, id, plan } = this.#options;
    const checker = new PathChecker(root);
    const directories = new Set<string>();
    for (const [number, put] of plan.puts.entries()) {
      const { path } = put.entry;
      attempt(path, () => {
        if (!checker.isDirectory(parentOf(path))) refuse(path, "the directory that it is in is gone");
        this.#replaced(put);
        const hostPath = hostPathIn(root, siblingOf(path, newName(id, number)));
        writePut(hostPath, put);
        this.#puts.push({ path, number, after: lookAt(hostPath)!.identity, before: null });
      });
      directories.add(parentOf(path));
    }
    for (const directory of directories) {
      attempt(directory, () => syncDirectory(hostPathIn(root, directory)));
    }
    for (const path of plan.removals) {
      const directory = parentOf(path);
      if (directories.has(directory) || !checker.isDirectory(directory)) continue;
      directories.add(directory);
      attempt(path, () => tryDirectory(hostPathIn(root, siblingOf(path, newName(id, plan.puts.length)))));
    }
  }

  /** What `put` will replace. @throws {GhostError} when the guest cannot have meant that. */
  #replaced({ entry, replaced }: Put): HostEntry | undefined {
    const { root, loaded } = this.#options;
    const { path } = entry;
    const there = lookAt(hostPathIn(root, path));
    if (there === undefined) return undefined;
    if (there.type === "other") refuse(path, "something that is not a file, directory or link is there");
    if (there.type !== "directory") {
      // A directory cannot go where something else has made a file meanwhile.
      const known = loaded.get(path);
      if (entry.type === "directory" && (known === undefined || !isSame(known.identity, there.identity))) {
        refuse(path, "something else has made a file there meanwhile");
      }
      return there;
    }
    const known = loaded.get(path);
    if (known === undefined || !isSameInode(known.identity, there.identity)) {
      refuse(path, "something else has made a directory there meanwhile");
    }
    const expected = new Set(replaced);
    for (const inside of allIn(hostPathIn(root, path))) {
      if (!expected.has(inside)) {
        refuse(path, `the directory there has "${inside}", which the module did not see`);
      }
    }
    return there;
  }
}

/** Writes one new thing completely; it is not visible at its destination yet. */
function writePut(hostPath: string, { entry, inside }: Put): void {
  writeEntry(hostPath, entry);
  if (entry.type !== "directory") return;
  const directories = [{ hostPath, mode: entry.mode, owner: entry.owner }];
  for (const one of inside) {
    const at = `${hostPath}/${one.path.slice(entry.path.length + 1)}`;
    attempt(one.path, () => writeEntry(at, one));
    if (one.type === "directory") directories.push({ hostPath: at, mode: one.mode, owner: one.owner });
  }
  for (const { hostPath, mode, owner } of directories.reverse()) {
    syncDirectory(hostPath);
    setOwner(hostPath, owner);
    if (mode !== undefined && Deno.build.os !== "windows") Deno.chmodSync(hostPath, mode);
  }
}

function writeEntry(hostPath: string, entry: PlannedEntry): void {
  switch (entry.type) {
    case "directory":
      return Deno.mkdirSync(hostPath, entry.mode === undefined ? {} : { mode: entry.mode | 0o700 });
    case "link":
      return Deno.symlinkSync(entry.target, hostPath);
    case "file":
      return writeNewFile(hostPath, entry.bytes, {
        mode: entry.mode,
        owner: entry.owner,
        seconds: Number(entry.modifiedAt / 1_000_000n) / 1000,
      });
  }
}

/** Fails unless entries in the directory of `hostPath` may be changed. */
function tryDirectory(hostPath: string): void {
  writeNewFile(hostPath, new Uint8Array(0));
  Deno.removeSync(hostPath);
}

/** The paths of everything below `directory`. */
function* allIn(directory: string): Generator<string> {
  const prefixes = [""];
  for (let prefix = prefixes.pop(); prefix !== undefined; prefix = prefixes.pop()) {
    for (const { name, isDirectory } of Deno.readDirSync(`${directory}/${prefix}`)) {
      yield prefix + name;
      if (isDirectory) prefixes.push(`${prefix}${name}/`);
    }
  }
}

function attempt(path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw systemFault("BAD_ARGUMENTS", `write back "${path || "."}"`, error);
  }
}

function refuse(path: string, reason: string): never {
  throw new GhostError("BAD_ARGUMENTS", `Cannot write back "${path}": ${reason}`);
}
