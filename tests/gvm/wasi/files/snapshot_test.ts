import { assert, assertEquals, assertThrows } from "@std/assert";
import { decode, encode } from "@std/msgpack";
import { Quota } from "../../../../gvm/wasi/files/quota.ts";
import { resolve } from "../../../../gvm/wasi/files/resolver.ts";
import { Snapshot, type TreeEntry } from "../../../../gvm/wasi/files/snapshot.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const directory = (path: string): TreeEntry => ({ type: "directory", path, modifiedAt: 1n });
const file = (path: string, text = ""): TreeEntry => ({
  type: "file",
  path,
  modifiedAt: 2n,
  bytes: bytes(text),
});
const link = (path: string, target: string): TreeEntry => ({ type: "link", path, modifiedAt: 3n, target });

const TREE = [
  directory("src"),
  file("src/a", "one"),
  file("src/b", "two"),
  directory("src/sub"),
  link("l", "src/a"),
];

/** A snapshot of the tree, and its operations by paths. */
class Loaded {
  readonly snapshot: Snapshot;
  readonly files;

  constructor(entries: TreeEntry[] = TREE) {
    this.snapshot = new Snapshot(entries);
    this.files = this.snapshot.fileSystem;
  }

  at(path: string) {
    return resolve(this.files.root, path, false);
  }

  write(path: string, text: string): void {
    const { inode } = this.at(path);
    const target = inode?.type === "file" ? inode : this.files.createFile(this.at(path));
    target.resize(0);
    target.write(0, bytes(text));
  }

  /** What has changed, without the times. */
  changes() {
    const { removed, written } = this.snapshot.changes();
    return {
      removed,
      written: written.map((entry) => {
        if (entry.type === "file") return `${entry.path}: ${new TextDecoder().decode(entry.bytes)}`;
        return entry.type === "link" ? `${entry.path} -> ${entry.target}` : `${entry.path}/`;
      }),
    };
  }
}

Deno.test("a tree is loaded with its contents, links and times", () => {
  const loaded = new Loaded();
  assertEquals([loaded.at("src/a").inode?.modifiedAt, loaded.at("l").inode?.modifiedAt], [2n, 3n]);
  const followed = resolve(loaded.files.root, "l", true).inode;
  assert(followed?.type === "file");
  assertEquals(followed.contents, bytes("one"));
  assertEquals(loaded.changes(), { removed: [], written: [] });
});

Deno.test("loaded contents are copies", () => {
  const contents = bytes("one");
  const loaded = new Loaded([{ type: "file", path: "a", modifiedAt: 0n, bytes: contents }]);
  contents.fill(0);
  const { inode } = loaded.at("a");
  assert(inode?.type === "file");
  assertEquals(inode.contents, bytes("one"));
});

Deno.test("what is made, written and removed is told, directories before what is in them", () => {
  const loaded = new Loaded();
  loaded.write("src/a", "changed");
  loaded.files.createDirectory(loaded.at("new"));
  loaded.files.createDirectory(loaded.at("new/sub"));
  loaded.write("new/sub/file", "made");
  loaded.files.createLink(loaded.at("new/link"), "../src");
  loaded.files.unlink(loaded.at("src/b"));
  loaded.files.removeDirectory(loaded.at("src/sub"));
  const { removed, written } = loaded.changes();
  assertEquals(removed, ["src/sub", "src/b"]);
  assertEquals(written.toSorted(), [
    "new/",
    "new/link -> ../src",
    "new/sub/",
    "new/sub/file: made",
    "src/a: changed",
  ]);
  const places = ["new/", "new/sub/", "new/sub/file: made"].map((entry) => written.indexOf(entry));
  assertEquals(places, places.toSorted((a, b) => a - b));
});

Deno.test("a tree that was removed is told from the bottom up", () => {
  const loaded = new Loaded();
  for (const path of ["src/a", "src/b"]) loaded.files.unlink(loaded.at(path));
  for (const path of ["src/sub", "src"]) loaded.files.removeDirectory(loaded.at(path));
  assertEquals(loaded.changes(), { removed: ["src/sub", "src/b", "src/a", "src"], written: [] });
});

Deno.test("what was moved is gone from one place and made in another", () => {
  const loaded = new Loaded();
  loaded.files.rename(loaded.at("src"), loaded.at("lib"));
  assertEquals(loaded.changes(), {
    removed: ["src/sub", "src/b", "src/a", "src"],
    written: ["lib/", "lib/a: one", "lib/b: two", "lib/sub/"],
  });
});

Deno.test("a file put in place of another is written", () => {
  const loaded = new Loaded();
  loaded.write("new", "one");
  loaded.files.rename(loaded.at("new"), loaded.at("src/a"));
  assertEquals(loaded.changes(), { removed: [], written: ["src/a: one"] });
});

Deno.test("what became of another type is removed first", () => {
  const loaded = new Loaded();
  loaded.files.unlink(loaded.at("src/a"));
  loaded.files.createDirectory(loaded.at("src/a"));
  loaded.files.unlink(loaded.at("l"));
  loaded.write("l", "file");
  const { removed, written } = loaded.changes();
  assertEquals(removed, ["l", "src/a"]);
  assertEquals(written, ["l: file", "src/a/"]);
});

Deno.test("a change of times is a change, a look is none", () => {
  const loaded = new Loaded();
  const { inode } = loaded.at("src/a");
  assert(inode?.type === "file");
  inode.read(0, new Uint8Array(3));
  assertEquals(loaded.changes().written, []);
  inode.setTimes(undefined, 5n);
  const [entry] = loaded.snapshot.changes().written;
  assertEquals([entry?.path, entry?.modifiedAt], ["src/a", 5n]);
});

Deno.test("changes can be sent as MessagePack and loaded again", () => {
  const loaded = new Loaded([]);
  loaded.files.createDirectory(loaded.at("d"));
  loaded.write("d/f", "text");
  loaded.files.createLink(loaded.at("d/l"), "f");
  // deno-lint-ignore no-explicit-any -- MessagePack's types know no interfaces
  const sent = decode(encode(loaded.snapshot.changes().written as any)) as unknown as TreeEntry[];
  const again = new Snapshot(sent.map((entry) => ({ ...entry, modifiedAt: BigInt(entry.modifiedAt) })));
  assertEquals([...walkPaths(again)], ["d", "d/f", "d/l"]);
});

function* walkPaths(snapshot: Snapshot): Generator<string> {
  for (const { name, inode } of snapshot.fileSystem.root.entries()) {
    yield name;
    if (inode.type === "directory") { for (const entry of inode.entries()) yield `${name}/${entry.name}`; }
  }
}

Deno.test("a path that is none, or is not in a directory, or is there twice is refused", () => {
  for (
    const path of ["", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a\0", "x/".repeat(3000) + "x"]
  ) {
    assertThrows(() => new Snapshot([directory("a"), file(path)]), TypeError);
  }
  assertThrows(() => new Snapshot([file("a/b")]), TypeError, 'Cannot load "a/b": it is not in a directory');
  assertThrows(() => new Snapshot([file("a"), file("a/b")]), TypeError);
  assertThrows(() => new Snapshot([link("a", "src"), directory("src"), file("a/b")]), TypeError);
  assertThrows(() => new Snapshot([file("a"), file("a")]), TypeError, 'Cannot load "a": it is there already');
});

Deno.test("a tree that takes more than the quota is refused", () => {
  const message = 'Cannot load "src/b": it takes more than the limits allow';
  for (const limits of [{ bytes: 5, inodes: 9 }, { bytes: 9, inodes: 2 }]) {
    const quota = new Quota(limits);
    assertThrows(() => new Snapshot(TREE, quota), RangeError, message);
    assertEquals({ bytes: quota.bytes, inodes: quota.inodes }, limits);
  }
});

Deno.test("directories nested by the thousand are refused rather than overflow", () => {
  const { snapshot, files } = new Loaded([]);
  let inside = files.root;
  for (let depth = 0; depth < 10_000; depth++) inside = files.createDirectory(resolve(inside, "d", false));
  assertThrows(
    () => snapshot.changes(),
    RangeError,
    "Cannot tell what was changed: a path is longer than 4096 bytes",
  );
});

Deno.test("what was moved, or has a further name, tells where it was loaded", () => {
  const loaded = new Loaded();
  loaded.files.rename(loaded.at("src/sub"), loaded.at("moved"));
  loaded.files.rename(loaded.at("src/a"), loaded.at("moved/a"));
  loaded.files.link(loaded.at("src/b"), loaded.at("c"));
  loaded.write("src/b", "changed");
  loaded.write("new", "new");
  const from = loaded.snapshot.changes().written.map(({ path, from }) => `${path} ${from}`).sort();
  assertEquals(from, ["c src/b", "moved src/sub", "moved/a src/a", "new undefined", "src/b undefined"]);
});
