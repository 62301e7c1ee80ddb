import { assert, assertEquals } from "@std/assert";
import { ERRNO } from "../../../../../gvm/wasi/host/errno.ts";
import { FILE_TYPE } from "../../../../../gvm/wasi/preview1/flags.ts";
import { Host, ROOT } from "../../_host.ts";

interface Listed {
  name: string;
  type: number;
  inode: bigint;
  next: bigint;
}

/** Lists as C libraries do: entry by entry, from the last cookie on while the buffer comes back full. */
function list(
  host: Host,
  fd: number,
  length: number,
  cookie = 0n,
  onEach = (_entry: Listed) => {},
): Listed[] {
  const [buffer, result] = [host.allocate(length), host.allocate(4)];
  const all: Listed[] = [];
  for (;;) {
    host.ok("fd_readdir", fd, buffer, length, cookie, result);
    const used = host.u32(result);
    assert(used <= length);
    let whole = 0;
    for (let at = 0; at + 24 <= used;) {
      const view = host.view(buffer + at, 24);
      const nameLength = view.getUint32(16, true);
      if (at + 24 + nameLength > used) break;
      all.push({
        name: host.text(buffer + at + 24, nameLength),
        type: view.getUint8(20),
        inode: view.getBigUint64(8, true),
        next: view.getBigUint64(0, true),
      });
      cookie = all.at(-1)!.next;
      at += 24 + nameLength;
      whole++;
    }
    for (const entry of all.slice(all.length - whole)) onEach(entry);
    if (used < length) return all;
    assert(whole > 0, "the buffer is too small for one entry");
  }
}

Deno.test("a directory lists itself, its parent, and what is in it with types and inodes", () => {
  const host = new Host();
  host.ok("path_create_directory", ROOT, ...host.put("dir"));
  const fd = host.directory("dir");
  const file = host.allocate(4);
  host.ok("path_open", fd, 0, ...host.put("file"), 1, 0n, 0n, 0, file);
  host.ok("path_symlink", ...host.put("x"), fd, ...host.put("link"));
  host.ok("path_create_directory", fd, ...host.put("sub"));
  const listed = list(host, fd, 4096);
  const { DIRECTORY, REGULAR_FILE, SYMBOLIC_LINK } = FILE_TYPE;
  assertEquals(listed.map(({ name, type }) => [name, type]), [
    [".", DIRECTORY],
    ["..", DIRECTORY],
    ["file", REGULAR_FILE],
    ["link", SYMBOLIC_LINK],
    ["sub", DIRECTORY],
  ]);
  const parent = list(host, ROOT, 4096);
  assertEquals(listed[1]!.inode, parent[0]!.inode);
  assertEquals(listed[0]!.inode, parent.find(({ name }) => name === "dir")!.inode);
});

Deno.test("any buffer that holds one entry lists them all, each once", () => {
  const host = new Host();
  const names = Array.from({ length: 50 }, (_, index) => "ü".repeat(index % 20) + index);
  for (const name of names) host.ok("fd_close", host.create(name));
  for (const length of [24 + 42, 100, 255, 1000, 5000]) {
    assertEquals(list(host, ROOT, length).map(({ name }) => name), [".", "..", ...names]);
  }
});

Deno.test("a cookie leads to the entry after its own, also when that was removed", () => {
  const host = new Host();
  for (const name of ["a", "b", "c", "d"]) host.ok("fd_close", host.create(name));
  const cookie = list(host, ROOT, 4096).find(({ name }) => name === "b")!.next;
  const rest = () => list(host, ROOT, 4096, cookie).map(({ name }) => name);
  assertEquals(rest(), ["c", "d"]);
  host.ok("path_unlink_file", ROOT, ...host.put("b"));
  host.ok("path_unlink_file", ROOT, ...host.put("c"));
  host.ok("fd_close", host.create("e"));
  assertEquals(rest(), ["d", "e"]);
  assertEquals(list(host, ROOT, 4096, 1n).map(({ name }) => name)[0], "..");
  assertEquals(list(host, ROOT, 4096, 2n ** 64n - 1n), []);
});

Deno.test("a directory can be emptied while it is listed", () => {
  const host = new Host();
  for (let count = 0; count < 100; count++) host.ok("fd_close", host.create(`file-${count}`));
  list(host, ROOT, 200, 0n, ({ name }) => {
    if (!name.startsWith(".")) host.ok("path_unlink_file", ROOT, ...host.put(name));
  });
  assert(host.fileSystem.root.isEmpty);
});

Deno.test("an entry that does not fit is cut off, so that the buffer is full", () => {
  const host = new Host();
  const [buffer, result] = [host.allocate(64), host.allocate(4)];
  for (const length of [0, 1, 24, 30]) {
    host.bytes(buffer, 64).fill(0xff);
    host.ok("fd_readdir", ROOT, buffer, length, 0n, result);
    assertEquals(host.u32(result), length);
    assertEquals(host.bytes(buffer + length, 64 - length), new Uint8Array(64 - length).fill(0xff));
  }
});

Deno.test("only directories are listed", () => {
  const host = new Host();
  assertEquals(host.call("fd_readdir", host.create("file"), 0, 0, 0n, 0), ERRNO.NOTDIR);
  assertEquals(host.call("fd_readdir", 1, 0, 0, 0n, 0), ERRNO.NOTDIR);
  assertEquals(host.call("fd_readdir", host.directory(".", 0), 0, 0, 0n, 0), ERRNO.NOTCAPABLE);
});
