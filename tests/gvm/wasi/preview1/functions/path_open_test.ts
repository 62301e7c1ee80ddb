import { assertEquals } from "@std/assert";
import { ERRNO } from "../../../../../gvm/wasi/host/errno.ts";
import { OPEN_FLAGS } from "../../../../../gvm/wasi/preview1/flags.ts";
import { DIRECTORY_RIGHTS, RIGHTS } from "../../../../../gvm/wasi/preview1/rights.ts";
import { Host, ROOT } from "../../_host.ts";

const { CREAT, DIRECTORY, EXCL, TRUNC } = OPEN_FLAGS;
const FOLLOW = 1;
const READ = BigInt(RIGHTS.FD_READ);

/** A host with a file, a directory, and links to both and to nothing. */
function makeHost(): Host {
  const host = new Host();
  host.ok("fd_close", host.create("file", "text"));
  host.ok("path_create_directory", ROOT, ...host.put("dir"));
  for (const target of ["file", "dir", "missing"]) {
    host.ok("path_symlink", ...host.put(target), ROOT, ...host.put(`to-${target}`));
  }
  return host;
}

Deno.test("what is there is opened, with every combination of flags as POSIX has it", () => {
  const host = makeHost();
  const outcome = (path: string, openFlags: number, lookup = 0) =>
    host.open(path, { openFlags, lookup, rights: READ, inheriting: 0n }).errno;
  const { SUCCESS, EXIST, INVAL, ISDIR, LOOP, NOENT, NOTDIR } = ERRNO;
  const expected: [path: string, openFlags: number, lookup: number, errno: number][] = [
    ["file", 0, 0, SUCCESS],
    ["file", CREAT, 0, SUCCESS],
    ["file", CREAT | EXCL, 0, EXIST],
    ["file", DIRECTORY, 0, NOTDIR],
    ["file/", 0, 0, NOTDIR],
    ["file/x", CREAT, 0, NOTDIR],
    ["dir", 0, 0, SUCCESS],
    ["dir", DIRECTORY, 0, SUCCESS],
    ["dir/", 0, 0, SUCCESS],
    ["dir", CREAT, 0, ISDIR],
    ["dir", TRUNC, 0, ISDIR],
    ["dir", CREAT | EXCL, 0, EXIST],
    ["dir", CREAT | DIRECTORY, 0, INVAL],
    [".", CREAT | EXCL, 0, EXIST],
    ["missing", 0, 0, NOENT],
    ["missing", DIRECTORY, 0, NOENT],
    ["missing/", CREAT, 0, ISDIR],
    ["missing/x", CREAT, 0, NOENT],
    ["to-file", 0, 0, LOOP],
    ["to-file", 0, FOLLOW, SUCCESS],
    ["to-file", DIRECTORY, FOLLOW, NOTDIR],
    ["to-file", CREAT | EXCL, FOLLOW, EXIST],
    ["to-dir", 0, 0, LOOP],
    ["to-dir", DIRECTORY, 0, NOTDIR],
    ["to-dir", DIRECTORY, FOLLOW, SUCCESS],
    ["to-dir/", 0, 0, SUCCESS],
    ["to-missing", 0, FOLLOW, NOENT],
    ["to-missing", CREAT | EXCL, FOLLOW, EXIST],
    ["file", 16, 0, INVAL],
    ["file", 0, 2, INVAL],
  ];
  for (const [path, openFlags, lookup, errno] of expected) {
    assertEquals(outcome(path, openFlags, lookup), errno, `${path} with ${openFlags} and ${lookup}`);
  }
  assertEquals([...host.fileSystem.root.entries()].length, 5);
  assertEquals(outcome("to-missing", CREAT, FOLLOW), SUCCESS);
  assertEquals(host.fileSystem.root.get("missing")?.type, "file");
});

Deno.test("truncating empties the file and needs its right", () => {
  const host = makeHost();
  const fd = host.directory(".", DIRECTORY_RIGHTS & ~RIGHTS.PATH_FILESTAT_SET_SIZE);
  assertEquals(host.open("file", { from: fd, openFlags: TRUNC }).errno, ERRNO.NOTCAPABLE);
  assertEquals(host.fileSystem.root.get("file")?.size, 4);
  assertEquals(host.open("file", { openFlags: TRUNC }).errno, ERRNO.SUCCESS);
  assertEquals(host.fileSystem.root.get("file")?.size, 0);
});

Deno.test("making and opening need their rights", () => {
  const host = makeHost();
  const without = (right: number) => host.directory(".", DIRECTORY_RIGHTS & ~right);
  const noCreation = without(RIGHTS.PATH_CREATE_FILE);
  assertEquals(host.open("new", { from: noCreation, openFlags: CREAT }).errno, ERRNO.NOTCAPABLE);
  assertEquals(host.open("file", { from: noCreation }).errno, ERRNO.SUCCESS);
  assertEquals(host.open("file", { from: without(RIGHTS.PATH_OPEN) }).errno, ERRNO.NOTCAPABLE);
});

Deno.test("a descriptor hands down what it may, and those below no more", () => {
  const host = makeHost();
  const fd = host.directory("dir", DIRECTORY_RIGHTS, READ);
  assertEquals(
    host.open("new", { from: fd, openFlags: CREAT, rights: READ, inheriting: 0n }).errno,
    ERRNO.SUCCESS,
  );
  assertEquals(
    host.open("new", { from: fd, rights: BigInt(RIGHTS.FD_WRITE), inheriting: 0n }).errno,
    ERRNO.NOTCAPABLE,
  );
  assertEquals(host.open("new", { from: fd, rights: 0n }).errno, ERRNO.NOTCAPABLE);
});

Deno.test("rights that the specification does not know are no rights", () => {
  const host = makeHost();
  const { errno, fd } = host.open("file", { rights: 2n ** 64n - 1n, inheriting: 2n ** 64n - 1n });
  assertEquals([errno, host.read(fd, 10).text], [ERRNO.SUCCESS, "text"]);
});

Deno.test("a directory is not opened for writing", () => {
  assertEquals(
    makeHost().open("dir", { rights: BigInt(RIGHTS.FD_READ | RIGHTS.FD_WRITE) }).errno,
    ERRNO.ISDIR,
  );
});

Deno.test("a path is looked up from a directory", () => {
  const host = makeHost();
  for (const from of [0, 1, host.open("file").fd]) assertEquals(host.open("x", { from }).errno, ERRNO.NOTDIR);
  assertEquals(host.open("x", { from: 99 }).errno, ERRNO.BADF);
});

Deno.test("a name is UTF-8, and all of it counts", () => {
  const host = makeHost();
  const open = (bytes: number[]) =>
    host.call("path_open", ROOT, 0, ...host.put(Uint8Array.from(bytes)), CREAT, 0n, 0n, 0, host.allocate(4));
  assertEquals(open([0xff, 0x41]), ERRNO.ILSEQ);
  assertEquals(open([0xed, 0xa0, 0x80]), ERRNO.ILSEQ);
  assertEquals(open(new Array(4097).fill(0xff)), ERRNO.NAMETOOLONG, "it is not even read");
  assertEquals(open([0x41, 0x00]), ERRNO.INVAL);
  assertEquals(open([0xef, 0xbb, 0xbf, 0x41]), ERRNO.SUCCESS);
  assertEquals(host.open("\uFEFFA").errno, ERRNO.SUCCESS);
  assertEquals(host.open("A").errno, ERRNO.NOENT);
});
