import { assert, assertEquals } from "@std/assert";
import { FileSystem, Quota, Snapshot } from "../../../../gvm/wasi/mod.ts";
import { MAX_OPEN } from "../../../../gvm/wasi/components/open_count.ts";
import { bytes, FOLLOW, Host, NO_OPEN_FLAGS, NO_PATH_FLAGS, text } from "./_host.ts";

const TYPES = "filesystem/types";
const READ_ONLY = { read: true, write: false };
const NO_CHANGE = { tag: "no-change" };

interface Stat {
  readonly type: string;
  readonly linkCount: bigint;
  readonly size: bigint;
  readonly dataAccessTimestamp: unknown;
  readonly dataModificationTimestamp: unknown;
}

/** The names and types of the entries of a directory. */
function list(host: Host, directory: unknown): [string, string][] {
  const listing = host.file("read-directory", directory);
  const found: [string, string][] = [];
  for (;;) {
    const next = host.ok(TYPES, "[method]directory-entry-stream.read-directory-entry", listing);
    if (next === undefined) break;
    const { name, type } = next as { name: string; type: string };
    found.push([name, type]);
  }
  host.drop(TYPES, "directory-entry-stream", listing);
  return found;
}

Deno.test("a file from before 1970 has the first moment that there is", () => {
  const { fileSystem } = new Snapshot([{
    type: "file",
    path: "old",
    bytes: new Uint8Array(),
    modifiedAt: -1_500_000_000n,
  }]);
  const host = new Host({ preopens: [{ name: "/data", fileSystem }] });
  const stat = host.file("stat-at", host.root(), NO_PATH_FLAGS, "old") as Stat;
  assertEquals(stat.dataModificationTimestamp, { seconds: 0n, nanoseconds: 0 });
});

/** A host whose root has a file, a directory with one, and links, some of which lead out. */
function withTree(): { host: Host; root: unknown; snapshot: Snapshot } {
  const link = (path: string, target: string) => ({ type: "link", path, target, modifiedAt: 0n } as const);
  const snapshot = new Snapshot([
    { type: "file", path: "file", bytes: bytes("contents"), modifiedAt: 5_000_000_007n },
    { type: "directory", path: "dir", modifiedAt: 0n },
    { type: "file", path: "dir/inner", bytes: bytes("inner"), modifiedAt: 0n },
    link("link", "file"),
    link("loop", "loop"),
    link("up", "../outside"),
    link("dir/back", "../file"),
    link("far", "dir/../../outside"),
  ]);
  const host = new Host({ preopens: [{ name: "/data", fileSystem: snapshot.fileSystem }] });
  return { host, root: host.root(), snapshot };
}

Deno.test("the directories are those that the guest was given, by their names", () => {
  const [one, other] = [new FileSystem(), new FileSystem()];
  const preopens = [{ name: "/", fileSystem: one }, { name: "data", fileSystem: other }];
  const host = new Host({ preopens });
  const given = host.call("filesystem/preopens", "get-directories") as [unknown, string][];
  assertEquals(given.map(([, name]) => name), ["/", "data"]);
  assertEquals(host.file("get-type", given[0]![0]), "directory");
  assertEquals((host.file("get-flags", given[0]![0]) as { mutateDirectory: boolean }).mutateDirectory, true);
  host.create("file", given[0]![0]);
  assertEquals(host.fileError("rename-at", given[0]![0], "file", given[1]![0], "file"), "cross-device");
  assertEquals(
    host.fileError("link-at", given[0]![0], NO_PATH_FLAGS, "file", given[1]![0], "file"),
    "cross-device",
  );
  assertEquals(new Host({ preopens: [] }).call("filesystem/preopens", "get-directories"), []);
});

Deno.test("a listing has each entry with its type, but not the directory and its parent", () => {
  const { host, root } = withTree();
  assertEquals(list(host, root), [
    ["file", "regular-file"],
    ["dir", "directory"],
    ["link", "symbolic-link"],
    ["loop", "symbolic-link"],
    ["up", "symbolic-link"],
    ["far", "symbolic-link"],
  ]);
});

Deno.test("a listing survives what happens to the directory while it is read", () => {
  const { host, root } = withTree();
  const listing = host.file("read-directory", root);
  const next = () => host.ok(TYPES, "[method]directory-entry-stream.read-directory-entry", listing);
  assertEquals((next() as { name: string }).name, "file");
  host.file("unlink-file-at", root, "file");
  host.file("unlink-file-at", root, "link");
  host.create("new", root);
  const names: string[] = [];
  for (let entry = next(); entry !== undefined; entry = next()) names.push((entry as { name: string }).name);
  assertEquals(names, ["dir", "loop", "up", "far", "new"]);
});

Deno.test("stat tells type, size, links and times; a link is followed if asked", () => {
  const { host, root } = withTree();
  const stat = host.file("stat-at", root, NO_PATH_FLAGS, "file") as Stat;
  assertEquals([stat.type, stat.size, stat.linkCount], ["regular-file", 8n, 1n]);
  assertEquals(stat.dataModificationTimestamp, { seconds: 5n, nanoseconds: 7 });
  assertEquals((host.file("stat-at", root, NO_PATH_FLAGS, "link") as Stat).type, "symbolic-link");
  assertEquals((host.file("stat-at", root, FOLLOW, "link") as Stat).size, 8n);
  assertEquals((host.file("stat", root) as Stat).type, "directory");
});

Deno.test("times are set, kept, or now, of a descriptor and of a path", () => {
  const { host, root } = withTree();
  const file = host.create("file", root);
  const time = { seconds: 2n ** 33n, nanoseconds: 999_999_999 };
  host.file("set-times", file, { tag: "timestamp", val: time }, NO_CHANGE);
  const stat = () => host.file("stat", file) as Stat;
  assertEquals(stat().dataAccessTimestamp, time);
  assertEquals(stat().dataModificationTimestamp, { seconds: 5n, nanoseconds: 7 });
  host.file("set-times-at", root, FOLLOW, "link", NO_CHANGE, { tag: "now" });
  const { seconds } = stat().dataModificationTimestamp as { seconds: bigint };
  assert(seconds > 1_600_000_000n);
  for (const val of [{ seconds: 2n ** 64n - 1n, nanoseconds: 0 }, { seconds: 0n, nanoseconds: 10 ** 9 }]) {
    assertEquals(host.fileError("set-times", file, { tag: "timestamp", val }, NO_CHANGE), "invalid");
  }
});

Deno.test("bytes are read at any offset; the end is told", () => {
  const { host, root } = withTree();
  const file = host.create("file", root);
  assertEquals(host.file("read", file, 3n, 2n), [bytes("nte"), false]);
  assertEquals(host.file("read", file, 2n ** 64n - 1n, 5n), [bytes("nts"), true]);
  assertEquals(host.file("read", file, 1n, 8n), [new Uint8Array(0), true]);
  assertEquals(host.file("read", file, 1n, 2n ** 53n - 1n), [new Uint8Array(0), true]);
  assertEquals(host.fileError("read", file, 1n, 2n ** 53n), "invalid");
  assertEquals(host.fileError("read", root, 1n, 0n), "is-directory");
  host.file("set-size", file, 200_000n);
  const [most, isAll] = host.file("read", file, 2n ** 64n - 1n, 0n) as [Uint8Array, boolean];
  assertEquals([most.length, isAll], [65_536, false]);
});

Deno.test("bytes are written at any offset that the quota has room for", () => {
  const quota = new Quota({ bytes: 100 });
  const host = new Host({ preopens: [{ name: "/", fileSystem: new FileSystem(quota) }] });
  const file = host.create("file");
  assertEquals(host.file("write", file, bytes("ab"), 3n), 2n);
  assertEquals(text((host.file("read", file, 100n, 0n) as [Uint8Array])[0]), "\0\0\0ab");
  assertEquals(host.file("write", file, bytes(""), 99n), 0n);
  for (const offset of [99n, 2n ** 40n, 2n ** 53n - 1n]) {
    assertEquals(host.fileError("write", file, bytes("ab"), offset), "insufficient-space");
  }
  assertEquals(host.fileError("write", file, bytes("ab"), 2n ** 63n), "invalid");
  assertEquals(host.fileError("set-size", file, 101n), "insufficient-space");
  assertEquals(host.fileError("set-size", file, 2n ** 64n - 1n), "invalid");
  assertEquals((host.file("stat", file) as Stat).size, 5n);
  assertEquals(quota.bytes, 95);
});

Deno.test("a file opened to read cannot be changed", () => {
  const { host, root, snapshot } = withTree();
  const file = host.file("open-at", root, NO_PATH_FLAGS, "file", NO_OPEN_FLAGS, READ_ONLY);
  assertEquals(host.fileError("write", file, bytes("x"), 0n), "bad-descriptor");
  assertEquals(host.fileError("set-size", file, 0n), "bad-descriptor");
  const neither = host.file("open-at", root, NO_PATH_FLAGS, "file", NO_OPEN_FLAGS, {});
  assertEquals(text((host.file("read", neither, 8n, 0n) as [Uint8Array])[0]), "contents");
  assertEquals(snapshot.changes().written, []);
});

Deno.test("a path is opened as POSIX opens it", () => {
  const { host, root } = withTree();
  const open = (path: string, openFlags: object, flags: object = READ_ONLY, follow = NO_PATH_FLAGS) =>
    host.fileError("open-at", root, follow, path, { ...NO_OPEN_FLAGS, ...openFlags }, flags);
  assertEquals(open("none", {}), "no-entry");
  assertEquals(open("file", { create: true, exclusive: true }), "exist");
  assertEquals(open("file", { directory: true }), "not-directory");
  assertEquals(open("file/x", {}), "not-directory");
  assertEquals(open("dir", {}, { read: true, write: true }), "is-directory");
  assertEquals(open("dir", { truncate: true }), "is-directory");
  assertEquals(open("link", {}), "loop");
  assertEquals(open("loop", {}, READ_ONLY, FOLLOW), "loop");
  assertEquals(open("x", { create: true, directory: true }), "invalid");
  assertEquals(open("x".repeat(256), { create: true }), "name-too-long");
  assertEquals(open("a\0b", { create: true }), "invalid");
  assertEquals(open("", {}), "no-entry");
  host.file("open-at", root, FOLLOW, "link", { ...NO_OPEN_FLAGS, truncate: true }, READ_ONLY);
  assertEquals((host.file("stat-at", root, NO_PATH_FLAGS, "file") as Stat).size, 0n);
});

Deno.test("no path leads out of its directory, by whatever function", () => {
  const { host, root, snapshot } = withTree();
  const dir = host.file("open-at", root, NO_PATH_FLAGS, "dir", NO_OPEN_FLAGS, READ_ONLY);
  const timestamps = [NO_CHANGE, NO_CHANGE];
  for (
    const [from, path] of [
      [root, ".."],
      [root, "/file"],
      [root, "../data/file"],
      [root, "up"],
      [root, "far"],
      [dir, "../file"],
      [dir, "back"],
    ] as const
  ) {
    const calls: (readonly [name: string, descriptor: unknown, ...args: unknown[]])[] = [
      ["open-at", from, FOLLOW, path, NO_OPEN_FLAGS, READ_ONLY],
      ["stat-at", from, FOLLOW, path],
      ["set-times-at", from, FOLLOW, path, ...timestamps],
      ["metadata-hash-at", from, FOLLOW, path],
      ["link-at", from, FOLLOW, path, root, "new"],
      ["create-directory-at", from, `${path}/new`],
      ["readlink-at", from, `${path}/new`],
      ["remove-directory-at", from, `${path}/new`],
      ["unlink-file-at", from, `${path}/new`],
      ["rename-at", from, `${path}/new`, root, "new"],
      ["rename-at", root, "file", from, `${path}/new`],
      ["symlink-at", from, "file", `${path}/new`],
    ];
    for (const [name, ...args] of calls) {
      assertEquals(host.fileError(name, ...args), "not-permitted", `${name} ${path}`);
    }
  }
  assertEquals(host.fileError("symlink-at", root, "/file", "new"), "not-permitted");
  assertEquals(snapshot.changes(), { removed: [], written: [] });
});

Deno.test("entries are made, moved and removed", () => {
  const { host, root } = withTree();
  host.file("create-directory-at", root, "new");
  assertEquals(host.fileError("create-directory-at", root, "new"), "exist");
  host.file("rename-at", root, "file", root, "new/moved");
  host.file("symlink-at", root, "moved", "new/link");
  assertEquals(host.file("readlink-at", root, "new/link"), "moved");
  assertEquals(host.fileError("readlink-at", root, "new/moved"), "invalid");
  host.file("link-at", root, FOLLOW, "new/link", root, "hard");
  assertEquals((host.file("stat-at", root, NO_PATH_FLAGS, "hard") as Stat).linkCount, 2n);
  assertEquals(host.fileError("remove-directory-at", root, "new"), "not-empty");
  assertEquals(host.fileError("remove-directory-at", root, "hard"), "not-directory");
  assertEquals(host.fileError("unlink-file-at", root, "new"), "is-directory");
  host.file("unlink-file-at", root, "new/link");
  host.file("unlink-file-at", root, "new/moved");
  host.file("remove-directory-at", root, "new");
  assertEquals(host.fileError("link-at", root, NO_PATH_FLAGS, "dir", root, "dir2"), "not-permitted");
});

Deno.test("what is the same file has the same hash, by whatever name", () => {
  const { host, root } = withTree();
  host.file("link-at", root, NO_PATH_FLAGS, "file", root, "hard");
  const [file, hard] = [host.create("file", root), host.create("hard", root)];
  const same = (a: unknown, b: unknown) => host.call(TYPES, "[method]descriptor.is-same-object", a, b);
  assertEquals([same(file, hard), same(file, root)], [true, false]);
  const hash = host.file("metadata-hash", file);
  assertEquals(hash, host.file("metadata-hash", hard));
  assertEquals(hash, host.file("metadata-hash-at", root, FOLLOW, "link"));
  assert(hash !== host.file("metadata-hash", root));
});

Deno.test("so many things may be open, and one that is dropped makes room", () => {
  const { host, root } = withTree();
  const open = () => host.file("open-at", root, NO_PATH_FLAGS, "file", NO_OPEN_FLAGS, READ_ONLY);
  const file = open();
  for (let count = 2; count < MAX_OPEN - 1; count++) host.file("read-via-stream", file, 0n);
  const last = host.file("read-directory", root);
  assertEquals(host.fileError("read-via-stream", file, 0n), "quota");
  assertEquals(host.fileError("read-directory", root), "quota");
  const created = { ...NO_OPEN_FLAGS, create: true };
  assertEquals(host.fileError("open-at", root, NO_PATH_FLAGS, "new", created, READ_ONLY), "quota");
  assertEquals(host.fileError("stat-at", root, NO_PATH_FLAGS, "new"), "no-entry");
  host.drop(TYPES, "directory-entry-stream", last);
  open();
});

Deno.test("advice, syncing and flags are taken", () => {
  const { host, root } = withTree();
  const wanted = { read: true, write: true, fileIntegritySync: true };
  const file = host.file("open-at", root, NO_PATH_FLAGS, "file", NO_OPEN_FLAGS, wanted);
  assertEquals((host.file("get-flags", file) as { fileIntegritySync: boolean }).fileIntegritySync, true);
  host.file("advise", file, 0n, 2n ** 64n - 1n, "random");
  host.file("sync", file);
  host.file("sync-data", file);
});
