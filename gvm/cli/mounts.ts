import { GhostError } from "../../gmp/errors.ts";
import type { SessionClient } from "../calls/session_client.ts";
import { note } from "../../gmp/command/console.ts";
import { DirectoryLock } from "./host_files/directory_lock.ts";
import { type HostTree, readTree } from "./host_files/read_tree.ts";
import { hasJournal, recover, sweep } from "./host_files/recover.ts";
import { TreeBudget } from "./host_files/tree_budget.ts";
import { writeBack } from "./host_files/write_back.ts";
import type { Mount } from "./options.ts";

/** Most files that are named in lines of their own, each time a directory is read or written. */
const NAMED_LIMIT = 10;

/** A directory that was read. */
interface MountedTree {
  readonly mount: Mount;
  /** The tree, without its entries once the guest has them. */
  readonly tree: HostTree;
}

/** The directories of this machine whose copies a command sees. */
export class Mounts {
  readonly #mounted: MountedTree[];
  #generation: number | undefined;

  private constructor(mounted: MountedTree[]) {
    this.#mounted = mounted;
  }

  /**
   * Reads the directories, up to `limit` bytes in total; reports on standard error what it leaves out. If
   * changes will be written back, it first finishes any interrupted write-back of an earlier `gvm`.
   *
   * @throws {GhostError} `BAD_ARGUMENTS`, `PAYLOAD_TOO_LARGE`.
   */
  static async read(mounts: readonly Mount[], limit: number): Promise<Mounts> {
    const budget = new TreeBudget(limit);
    const mounted: MountedTree[] = [];
    for (const mount of mounts) mounted.push({ mount, tree: await readMount(mount, budget) });
    return new Mounts(mounted);
  }

  /** Whether anything is to be written back. */
  get writable(): boolean {
    return this.#mounted.some(({ mount }) => mount.writable);
  }

  /** The guest's names for the directories. */
  get directories(): string[] {
    return this.#mounted.map(({ mount }) => mount.guest);
  }

  /** Loads the copies into `session`. */
  async load(session: SessionClient): Promise<void> {
    for (const [i, { mount, tree }] of this.#mounted.entries()) {
      await session.loadFiles(mount.guest, tree.entries);
      this.#mounted[i] = { mount, tree: { ...tree, entries: [] } };
    }
    this.#generation = session.generation;
  }

  /**
   * Writes the changes back, in all directories or in none; reports on standard error what it leaves out.
   *
   * @throws {GhostError} `EXECUTOR_RESTARTED` when the copies are gone, `BAD_ARGUMENTS` when nothing was
   * changed, with the reason; `CANCELLED` when `signal` aborts while another `gvm` holds a directory.
   */
  async writeBack(session: SessionClient, signal: AbortSignal): Promise<void> {
    if (!this.writable || this.#generation === undefined) return;
    const writable = this.#mounted.filter(({ mount }) => mount.writable);
    const all = [];
    for (const { mount, tree } of writable) all.push({ tree, changes: await this.#changes(session, mount) });
    const { leftOut, kept } = await writeBack(all, signal);
    tell("left out", leftOut);
    tell("could not remove", kept);
  }

  /** The guest's names for the directories in which it changed what nobody said whether to keep. */
  async lost(session: SessionClient): Promise<string[]> {
    const found: string[] = [];
    for (const { mount } of this.#mounted.filter(({ mount }) => !mount.writable && !mount.readOnly)) {
      const { written, removed } = await this.#changes(session, mount);
      if (written.length + removed.length > 0) found.push(`"${mount.guest}"`);
    }
    return found;
  }

  async #changes(session: SessionClient, { host, guest }: Mount) {
    const gone = `Cannot write back "${host}": the executor has ended, and the copy was in its memory`;
    if (session.generation !== this.#generation) throw new GhostError("EXECUTOR_RESTARTED", gone);
    try {
      return await session.fileChanges(guest);
    } catch (error) {
      const { code, message } = GhostError.from(error);
      if (code !== "EXECUTOR_RESTARTED" && code !== "CONNECTION_LOST") {
        throw new GhostError(code, `Cannot write back "${host}": ${message}`, { cause: error });
      }
      throw new GhostError("EXECUTOR_RESTARTED", gone, { cause: error });
    }
  }
}

async function readMount({ host, writable }: Mount, budget: TreeBudget): Promise<HostTree> {
  const root = rootOf(host);
  if (root !== undefined) await endInterrupted(host, root, writable);
  using _lock = await DirectoryLock.take(root === undefined ? [] : [root], false);
  const tree = readTree(host, budget);
  if (writable) sweep(tree.root, tree.temporaries);
  tell("left out", tree.leftOut);
  return tree;
}

async function endInterrupted(host: string, root: string, writable: boolean): Promise<void> {
  if (writable) {
    for (const said of await recover(root)) note(`gvm: "${host}": ${said}`);
  } else if (hasJournal(root)) {
    note(
      `gvm: "${host}": a write-back was interrupted here; gvm exec --dir …:rw will finish it`,
    );
  }
}

/** The path of `host` with links resolved, if it is a directory; if not, reading it will say why. */
function rootOf(host: string): string | undefined {
  try {
    const root = Deno.realPathSync(host);
    Deno.readDirSync(root)[Symbol.iterator]().next();
    return root;
  } catch {
    return undefined;
  }
}

function tell(what: string, files: ReadonlyMap<string, string>): void {
  let told = 0;
  for (const [path, reason] of files) {
    if (told++ === NAMED_LIMIT) return note(`gvm: ${what} ${files.size - NAMED_LIMIT} more`);
    note(`gvm: ${what} "${path}": ${reason}`);
  }
}
