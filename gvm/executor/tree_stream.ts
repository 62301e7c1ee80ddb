import { type Body, decodeBody, encodeBody } from "../../gmp/frames/body.ts";
import { GhostError } from "../../gmp/errors.ts";
import { FILE_ENTRIES } from "../../gmp/messages/executor.ts";
import type { TreeChanges, TreeEntry } from "../wasi/mod.ts";

/** Most bytes of the description of one entry: three paths of maximum length, and a few fields. */
const HEAD_LIMIT = 1 << 14;
const NO_ENTRY = "an entry is neither a directory, a file nor a link";
/** Nanoseconds in a second. */
const SECOND = 1_000_000_000n;

/** The description of an entry. */
type Head = { [Type in keyof typeof FILE_ENTRIES]: ReturnType<typeof FILE_ENTRIES[Type]["decode"]> }[
  keyof typeof FILE_ENTRIES
];

/**
 * A tree of files as a byte stream, for DATA: each entry is the length of its description (u32,
 * little-endian), the description in MessagePack, and a file's contents.
 */
export function* encodeTree(entries: Iterable<TreeEntry>): Generator<Uint8Array, void, void> {
  for (const entry of entries) {
    yield headOf(describe(entry));
    if (entry.type === "file" && entry.bytes.length > 0) yield entry.bytes;
  }
}

function describe(entry: TreeEntry): Body {
  const { modifiedAt } = entry;
  const time = { seconds: Number(modifiedAt / SECOND), nanoseconds: Number(modifiedAt % SECOND) };
  switch (entry.type) {
    case "directory":
      return FILE_ENTRIES.directory.encode({ ...entry, ...time });
    case "file":
      return FILE_ENTRIES.file.encode({ ...entry, ...time, size: entry.bytes.length });
    case "link":
      return FILE_ENTRIES.link.encode({ ...entry, ...time });
  }
}

/** Changes as such a stream: first an entry for each removed path, then what is new. */
export function* encodeChanges({ removed, written }: TreeChanges): Generator<Uint8Array, void, void> {
  for (const path of removed) yield headOf(FILE_ENTRIES.removed.encode({ path, type: "removed" }));
  yield* encodeTree(written);
}

/** A description preceded by its length. */
function headOf(description: Body): Uint8Array {
  const head = encodeBody(description);
  const bytes = new Uint8Array(4 + head.length);
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, 4);
  return bytes;
}

/**
 * Decodes the entries of a tree that arrives in pieces.
 *
 * @throws {GhostError} `BAD_REQUEST` for a stream that is not a tree, `PAYLOAD_TOO_LARGE` past `limit` bytes.
 */
export class TreeDecoder {
  /** Complete entries so far. */
  readonly entries: TreeEntry[] = [];
  /** Removed paths. */
  readonly removed: string[] = [];
  readonly #limit: number;
  readonly #of: "tree" | "changes";
  #contents = 0;
  #buffer = new Uint8Array(1 << 12);
  #length = 0;
  #total = 0;
  #head: Head | undefined;
  #needed = 4;
  #state: "length" | "head" | "contents" = "length";

  /** A decoder for a tree of up to `limit` bytes, or for the changes of one. */
  constructor(limit: number, of: "tree" | "changes" = "tree") {
    this.#limit = limit;
    this.#of = of;
  }

  /** Bytes of file contents so far. */
  get contents(): number {
    return this.#contents;
  }

  /** Decodes the next bytes. */
  push(chunk: Uint8Array): void {
    this.#total += chunk.length;
    if (this.#total > this.#limit) {
      throw new GhostError(
        "PAYLOAD_TOO_LARGE",
        `Cannot load the files: they have more than ${this.#limit} bytes`,
      );
    }
    let rest = chunk;
    while (rest.length > 0 || this.#needed === 0) {
      const taken = Math.min(this.#needed - this.#length, rest.length);
      this.#append(rest.subarray(0, taken));
      rest = rest.subarray(taken);
      if (this.#length < this.#needed) return;
      this.#step();
      if (rest.length === 0 && this.#needed > 0) return;
    }
  }

  /** Ends the stream and returns its entries. */
  end(): TreeEntry[] {
    if (this.#state !== "length" || this.#length > 0) throw bad("it is cut off");
    return this.entries;
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#buffer.length) {
      // The size needed was checked, but memory grows only with what has arrived.
      const larger = new Uint8Array(Math.min(this.#needed, Math.max(length, this.#buffer.length * 2)));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
    if (this.#state === "contents") this.#contents += bytes.length;
  }

  #step(): void {
    const bytes = this.#buffer.subarray(0, this.#needed);
    this.#length = 0;
    if (this.#state === "length") {
      this.#needed = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
      if (this.#needed > HEAD_LIMIT) throw bad("a description is too long");
      this.#state = "head";
    } else if (this.#state === "head") {
      const head = this.#head = headIn(decodeBody(bytes));
      this.#needed = head.type === "file" ? head.size : 0;
      if (this.#needed > this.#limit) throw bad("a file is larger than all of them may be");
      this.#state = "contents";
    } else {
      const head = this.#head!;
      if (head.type !== "removed") this.entries.push(entryOf(head, bytes));
      else if (this.#of === "changes") this.removed.push(head.path);
      else throw bad(NO_ENTRY);
      this.#needed = 4;
      this.#state = "length";
    }
  }
}

/** The description in `body`. @throws {GhostError} `BAD_REQUEST`. */
function headIn(body: Body): Head {
  switch (body.type) {
    case "directory":
    case "file":
    case "link":
    case "removed":
      return FILE_ENTRIES[body.type].decode(body);
    default:
      throw bad(NO_ENTRY);
  }
}

function entryOf(head: Exclude<Head, { type: "removed" }>, contents: Uint8Array): TreeEntry {
  const { path, from, seconds, nanoseconds } = head;
  const modifiedAt = BigInt(seconds) * SECOND + BigInt(nanoseconds);
  const entry = { path, modifiedAt, ...(from === undefined ? {} : { from }) };
  switch (head.type) {
    case "directory":
      return { ...entry, type: "directory" };
    case "file":
      return { ...entry, type: "file", bytes: contents.slice() };
    case "link":
      return { ...entry, type: "link", target: head.target };
  }
}

function bad(reason: string): GhostError {
  return new GhostError("BAD_REQUEST", `Cannot load the files: ${reason}`);
}
