import type { Handlers } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { Flag } from "../../gmp/frames/frame.ts";
import type { IncomingRequest } from "../../gmp/channel/incoming.ts";
import type { Reply } from "../../gmp/messages/messages.ts";
import { type Preopen, type Quota, Snapshot, type TreeChanges } from "../wasi/mod.ts";
import { encodeChanges, TreeDecoder } from "./tree_stream.ts";

/** Most directories of one session. */
const DIRECTORY_LIMIT = 64;

/** The directories that a caller has loaded into its session, by the name under which its runs see them. */
export class SessionFiles {
  /** A session's operations on files. */
  readonly handlers: Handlers = {
    "files.load": ({ name }, request) => this.#load(name, request),
    "files.changes": ({ name }, request) => this.#changes(name, request),
  };
  /** Most bytes of a directory as it comes, and of its changes: descriptions come in addition to what the quota counts. */
  readonly #streamLimit: number;
  readonly #quota: Quota;
  readonly #refusal: () => GhostError | undefined;
  readonly #trees = new Map<string, Snapshot>();

  /** Starts empty; all directories together count against `quota`. `refusal` says why none may be loaded, if so. */
  constructor(quota: Quota, refusal: () => GhostError | undefined) {
    this.#refusal = refusal;
    this.#streamLimit = quota.limit * 2;
    this.#quota = quota;
  }

  /** Returns their share of the quota: the session has ended. */
  close(): void {
    this.#quota.end();
  }

  /** The directories with these names. @throws {GhostError} `BAD_ARGUMENTS` for one that was not loaded. */
  preopens(names: readonly string[]): Preopen[] {
    return names.map((name) => ({ name, fileSystem: this.#tree(name).fileSystem }));
  }

  async #load(name: string, { data }: IncomingRequest): Promise<Reply<"files.load">> {
    const refusal = this.#refusal();
    if (refusal !== undefined) throw refusal;
    if (this.#trees.size >= DIRECTORY_LIMIT) {
      throw new GhostError(
        "BAD_ARGUMENTS",
        `Cannot load "${name}": there are ${DIRECTORY_LIMIT} directories already`,
      );
    }
    const decoder = new TreeDecoder(this.#streamLimit);
    await this.#decode(decoder, data);
    const entries = decoder.end();
    this.#trees.set(name, named(() => new Snapshot(entries, this.#quota)));
    return {};
  }

  /**
   * Received contents count while the rest is awaited, so that a tree that never ends holds no more than
   * others.
   */
  async #decode(decoder: TreeDecoder, data: AsyncIterable<Uint8Array>): Promise<void> {
    const quota = this.#quota;
    let held = 0;
    try {
      for await (const chunk of data) {
        decoder.push(chunk);
        const more = decoder.contents - held;
        if (more > quota.bytes || decoder.entries.length > quota.inodes) {
          throw new GhostError("PAYLOAD_TOO_LARGE", "Cannot load the files: there is no room left for them");
        }
        quota.takeBytes(more);
        held += more;
      }
    } finally {
      quota.takeBytes(-held);
    }
  }

  async #changes(name: string, { send }: IncomingRequest): Promise<Reply<"files.changes">> {
    const tree = this.#tree(name);
    const changes = named(() => tree.changes());
    this.#refuseLarge(name, changes);
    for (const bytes of encodeChanges(changes)) await send(bytes, Flag.MORE);
    return {};
  }

  /**
   * A file is sent with each of its names, and held by who gets them: a guest must not make many of a large one out of it.
   *
   * @throws {GhostError} `PAYLOAD_TOO_LARGE` past what could be loaded.
   */
  #refuseLarge(name: string, { written }: TreeChanges): void {
    const bytes = written.reduce((sum, entry) => sum + (entry.type === "file" ? entry.bytes.length : 0), 0);
    const limit = this.#streamLimit;
    if (bytes <= limit) return;
    throw new GhostError(
      "PAYLOAD_TOO_LARGE",
      `what has changed in "${name}" has ${bytes} bytes, as each hard link counts; at most ${limit} come back`,
    );
  }

  #tree(name: string): Snapshot {
    const tree = this.#trees.get(name);
    if (tree === undefined) throw new GhostError("BAD_ARGUMENTS", `Cannot find "${name}": it was not loaded`);
    return tree;
  }
}

/** @throws {GhostError} `PAYLOAD_TOO_LARGE`, `BAD_REQUEST` for what a snapshot throws. */
function named<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof RangeError) {
      throw new GhostError("PAYLOAD_TOO_LARGE", error.message, { cause: error });
    }
    if (error instanceof TypeError) throw new GhostError("BAD_REQUEST", error.message, { cause: error });
    throw error;
  }
}
