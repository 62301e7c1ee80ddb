import { assertEquals } from "@std/assert";
import { ERRNO } from "../../../../../gvm/wasi/host/errno.ts";
import { FILE_TYPE, TIME_FLAGS } from "../../../../../gvm/wasi/preview1/flags.ts";
import { FileSystem } from "../../../../../gvm/wasi/mod.ts";
import { DIRECTORY_RIGHTS, RIGHTS } from "../../../../../gvm/wasi/preview1/rights.ts";
import { Host, ROOT } from "../../_host.ts";

const FOLLOW = 1;

function filestat(host: Host, path: string, lookup = 0) {
  const pointer = host.allocate(64);
  const errno = host.call("path_filestat_get", ROOT, lookup, ...host.put(path), pointer);
  const view = host.view(pointer, 64);
  return {
    errno,
    type: view.getUint8(16),
    size: view.getBigUint64(32, true),
    modified: view.getBigUint64(48, true),
  };
}

Deno.test("a link tells of itself, or of what it leads to", () => {
  const host = new Host();
  host.create("file", "abc");
  host.ok("path_symlink", ...host.put("file"), ROOT, ...host.put("link"));
  assertEquals([filestat(host, "link").type, filestat(host, "link").size], [FILE_TYPE.SYMBOLIC_LINK, 4n]);
  assertEquals(
    [filestat(host, "link", FOLLOW).type, filestat(host, "link", FOLLOW).size],
    [FILE_TYPE.REGULAR_FILE, 3n],
  );
  assertEquals(filestat(host, "missing").errno, ERRNO.NOENT);
});

Deno.test("the times of a link are its own, unless it is followed", () => {
  const host = new Host();
  host.create("file");
  host.ok("path_symlink", ...host.put("file"), ROOT, ...host.put("link"));
  const set = (lookup: number, time: bigint) =>
    host.ok("path_filestat_set_times", ROOT, lookup, ...host.put("link"), 0n, time, TIME_FLAGS.MTIM);
  set(0, 5n);
  set(FOLLOW, 6n);
  assertEquals([filestat(host, "link").modified, filestat(host, "file").modified], [5n, 6n]);
});

Deno.test("what a link says is read as far as the buffer goes", () => {
  const host = new Host();
  host.ok("path_symlink", ...host.put("some/where"), ROOT, ...host.put("link"));
  const [buffer, result] = [host.allocate(16), host.allocate(4)];
  const read = (path: string, length: number) =>
    host.call("path_readlink", ROOT, ...host.put(path), buffer, length, result);
  assertEquals([read("link", 4), host.u32(result), host.text(buffer, 5)], [ERRNO.SUCCESS, 4, "some\0"]);
  assertEquals([read("link", 16), host.text(buffer, host.u32(result))], [ERRNO.SUCCESS, "some/where"]);
  host.create("file");
  assertEquals([read("file", 16), read(".", 16), read("missing", 16)], [
    ERRNO.INVAL,
    ERRNO.INVAL,
    ERRNO.NOENT,
  ]);
});

Deno.test("a link may not say an absolute path, nothing, or too much", () => {
  const host = new Host();
  const link = (target: string) => host.call("path_symlink", ...host.put(target), ROOT, ...host.put("link"));
  assertEquals(link("/"), ERRNO.NOTCAPABLE);
  assertEquals(link(""), ERRNO.NOENT);
  assertEquals(link("a\0"), ERRNO.INVAL);
  assertEquals(link("x".repeat(4097)), ERRNO.NAMETOOLONG);
  assertEquals(link("../../up"), ERRNO.SUCCESS);
});

Deno.test("a hard link is made to what a link leads to, if asked", () => {
  const host = new Host();
  host.create("file");
  host.ok("path_symlink", ...host.put("file"), ROOT, ...host.put("link"));
  const link = (lookup: number, name: string) =>
    host.ok("path_link", ROOT, lookup, ...host.put("link"), ROOT, ...host.put(name));
  link(0, "same");
  link(FOLLOW, "followed");
  const { root } = host.fileSystem;
  assertEquals([root.get("same") === root.get("link"), root.get("followed") === root.get("file")], [
    true,
    true,
  ]);
});

Deno.test("files are not moved or linked from one file system to another", () => {
  const preopens = ["/a", "/b"].map((name) => ({ name, fileSystem: new FileSystem() }));
  const host = new Host({ preopens });
  host.create("file");
  const [from, to] = [host.put("file"), host.put("there")];
  assertEquals(host.call("path_rename", 3, ...from, 4, ...to), ERRNO.XDEV);
  assertEquals(host.call("path_link", 3, 0, ...from, 4, ...to), ERRNO.XDEV);
  assertEquals(preopens.map(({ fileSystem }) => fileSystem.root.isEmpty), [false, true]);
});

Deno.test("each function asks for its rights, and changes nothing without", () => {
  const host = new Host();
  host.create("file");
  host.ok("path_create_directory", ROOT, ...host.put("dir"));
  host.ok("path_symlink", ...host.put("file"), ROOT, ...host.put("link"));
  const [file, dir, link, free] = ["file", "dir", "link", "new"].map((name) => host.put(name));
  const calls: [right: keyof typeof RIGHTS, name: string, args: (fd: number) => (number | bigint)[]][] = [
    ["PATH_CREATE_DIRECTORY", "path_create_directory", (fd) => [fd, ...free!]],
    ["PATH_FILESTAT_GET", "path_filestat_get", (fd) => [fd, 0, ...file!, host.allocate(64)]],
    ["PATH_FILESTAT_SET_TIMES", "path_filestat_set_times", (fd) => [fd, 0, ...file!, 0n, 0n, 0]],
    ["PATH_LINK_SOURCE", "path_link", (fd) => [fd, 0, ...file!, ROOT, ...free!]],
    ["PATH_LINK_TARGET", "path_link", (fd) => [ROOT, 0, ...file!, fd, ...free!]],
    ["PATH_READLINK", "path_readlink", (fd) => [fd, ...link!, 0, 0, host.allocate(4)]],
    ["PATH_REMOVE_DIRECTORY", "path_remove_directory", (fd) => [fd, ...dir!]],
    ["PATH_RENAME_SOURCE", "path_rename", (fd) => [fd, ...file!, ROOT, ...free!]],
    ["PATH_RENAME_TARGET", "path_rename", (fd) => [ROOT, ...file!, fd, ...free!]],
    ["PATH_SYMLINK", "path_symlink", (fd) => [...file!, fd, ...free!]],
    ["PATH_UNLINK_FILE", "path_unlink_file", (fd) => [fd, ...file!]],
  ];
  const before = [...host.fileSystem.root.entries()];
  for (const [right, name, args] of calls) {
    const fd = host.directory(".", DIRECTORY_RIGHTS & ~RIGHTS[right]);
    assertEquals(host.call(name, ...args(fd)), ERRNO.NOTCAPABLE, `${name} without ${right}`);
    host.ok("fd_close", fd);
  }
  assertEquals([...host.fileSystem.root.entries()], before);
});
