import { assert, assertEquals } from "@std/assert";
import { ERRNO } from "../../../../../gvm/wasi/host/errno.ts";
import { FD_FLAGS, FILE_TYPE, OPEN_FLAGS, TIME_FLAGS } from "../../../../../gvm/wasi/preview1/flags.ts";
import { FileSystem, InputQueue, Quota, Snapshot } from "../../../../../gvm/wasi/mod.ts";
import { MAX_DESCRIPTORS } from "../../../../../gvm/wasi/preview1/descriptors.ts";
import {
  ALL_RIGHTS,
  DIRECTORY_RIGHTS,
  FILE_RIGHTS,
  RIGHTS,
} from "../../../../../gvm/wasi/preview1/rights.ts";
import { Host, ROOT } from "../../_host.ts";

function fdstat(host: Host, fd: number) {
  const pointer = host.allocate(24);
  host.bytes(pointer, 24).fill(0xff);
  host.ok("fd_fdstat_get", fd, pointer);
  const view = host.view(pointer, 24);
  return {
    type: view.getUint8(0),
    flags: view.getUint16(2, true),
    rights: view.getBigUint64(8, true),
    inheriting: view.getBigUint64(16, true),
  };
}

function filestat(host: Host, fd: number) {
  const pointer = host.allocate(64);
  host.bytes(pointer, 64).fill(0xff);
  host.ok("fd_filestat_get", fd, pointer);
  const view = host.view(pointer, 64);
  const u64 = (offset: number) => view.getBigUint64(offset, true);
  return {
    device: u64(0),
    inode: u64(8),
    type: view.getUint8(16),
    links: u64(24),
    size: u64(32),
    times: [u64(40), u64(48), u64(56)],
  };
}

Deno.test("a descriptor tells its kind, its flags and its rights", () => {
  const host = new Host();
  assertEquals(fdstat(host, ROOT), {
    type: FILE_TYPE.DIRECTORY,
    flags: 0,
    rights: BigInt(DIRECTORY_RIGHTS),
    inheriting: BigInt(ALL_RIGHTS),
  });
  const { fd } = host.open("file", { openFlags: OPEN_FLAGS.CREAT, flags: FD_FLAGS.APPEND | FD_FLAGS.SYNC });
  assertEquals(fdstat(host, fd), {
    type: FILE_TYPE.REGULAR_FILE,
    flags: FD_FLAGS.APPEND | FD_FLAGS.SYNC,
    rights: BigInt(FILE_RIGHTS),
    inheriting: 0n,
  });
});

Deno.test("a standard stream is a terminal when a person is at its other end", () => {
  const terminal = { isTerminal: true, write() {} };
  const host = new Host({ stdin: new InputQueue([], true, true), stdout: terminal });
  const types = [0, 1, 2].map((fd) => [fdstat(host, fd).type, filestat(host, fd).type]);
  const { CHARACTER_DEVICE, UNKNOWN } = FILE_TYPE;
  assertEquals(types, [[CHARACTER_DEVICE, CHARACTER_DEVICE], [CHARACTER_DEVICE, CHARACTER_DEVICE], [
    UNKNOWN,
    UNKNOWN,
  ]]);
  // C libraries decide by these.
  assertEquals(fdstat(host, 1).rights & BigInt(RIGHTS.FD_SEEK | RIGHTS.FD_TELL), 0n);
});

Deno.test("rights can be given up and not taken back", () => {
  const host = new Host();
  const fd = host.create("file");
  const { FD_READ, FD_WRITE } = RIGHTS;
  host.ok("fd_fdstat_set_rights", fd, BigInt(FD_READ), 0n);
  assertEquals(host.write(fd, "x").errno, ERRNO.NOTCAPABLE);
  assertEquals(host.call("fd_fdstat_set_rights", fd, BigInt(FD_READ | FD_WRITE), 0n), ERRNO.NOTCAPABLE);
  assertEquals(host.call("fd_fdstat_set_rights", fd, 0n, BigInt(FD_READ)), ERRNO.NOTCAPABLE);
  host.ok("fd_fdstat_set_rights", ROOT, BigInt(DIRECTORY_RIGHTS), BigInt(FD_READ));
  assertEquals(host.open("file", { rights: BigInt(FD_WRITE), inheriting: 0n }).errno, ERRNO.NOTCAPABLE);
  assertEquals(host.open("file", { rights: BigInt(FD_READ), inheriting: 0n }).errno, ERRNO.SUCCESS);
});

Deno.test("flags can be set, those there are", () => {
  const host = new Host();
  const fd = host.create("file");
  host.ok("fd_fdstat_set_flags", fd, FD_FLAGS.APPEND | FD_FLAGS.NONBLOCK);
  assertEquals(fdstat(host, fd).flags, FD_FLAGS.APPEND | FD_FLAGS.NONBLOCK);
  assertEquals(host.call("fd_fdstat_set_flags", fd, 32), ERRNO.INVAL);
  host.ok("fd_fdstat_set_rights", fd, 0n, 0n);
  assertEquals(host.call("fd_fdstat_set_flags", fd, 0), ERRNO.NOTCAPABLE);
});

Deno.test("a file tells what it is, and so does a directory", () => {
  const host = new Host();
  const fd = host.create("file", "abc");
  const file = filestat(host, fd);
  assertEquals([file.type, file.links, file.size], [FILE_TYPE.REGULAR_FILE, 1n, 3n]);
  const root = filestat(host, ROOT);
  assertEquals([root.type, root.device], [FILE_TYPE.DIRECTORY, file.device]);
  assert(root.inode !== file.inode);
});

Deno.test("file systems are different devices, two names of one are the same", () => {
  const [one, other] = [new FileSystem(), new FileSystem()];
  const host = new Host({
    preopens: [one, other, one].map((fileSystem, index) => ({ name: `/${index}`, fileSystem })),
  });
  const devices = [3, 4, 5].map((fd) => filestat(host, fd).device);
  assertEquals(devices, [1n, 2n, 1n]);
});

Deno.test("sizes are set, and made large enough", () => {
  const host = new Host();
  const fd = host.create("file", "abcdef");
  host.ok("fd_filestat_set_size", fd, 3n);
  host.ok("fd_allocate", fd, 1n, 1n);
  assertEquals(filestat(host, fd).size, 3n);
  host.ok("fd_allocate", fd, 4n, 2n);
  assertEquals([filestat(host, fd).size, host.read(fd, 10).text], [6n, ""]);
  assertEquals(host.call("fd_allocate", fd, 0n, 0n), ERRNO.INVAL);
  assertEquals(host.call("fd_allocate", fd, 0n, 2n ** 40n), ERRNO.NOSPC);
  assertEquals(host.call("fd_filestat_set_size", fd, 2n ** 40n), ERRNO.NOSPC);
  assertEquals(host.call("fd_filestat_set_size", fd, -1n), ERRNO.INVAL);
  assertEquals(host.call("fd_filestat_set_size", ROOT, 0n), ERRNO.ISDIR);
  assertEquals(filestat(host, fd).size, 6n);
});

Deno.test("a time that a guest has no number for is the first or the last that it has", () => {
  const fileSystem = new Snapshot([
    { type: "file", path: "old", bytes: new Uint8Array(), modifiedAt: -1_500_000_000n },
    { type: "file", path: "late", bytes: new Uint8Array(), modifiedAt: 2n ** 64n + 5n },
  ]).fileSystem;
  const host = new Host({ preopens: [{ name: "/", fileSystem }] });
  const modified = (name: string) => filestat(host, host.open(name).fd).times[1];
  assertEquals([modified("old"), modified("late")], [0n, 2n ** 64n - 1n]);
});

Deno.test("times are set to those given, or to now, or left", () => {
  const host = new Host();
  const fd = host.create("file");
  const { ATIM, ATIM_NOW, MTIM, MTIM_NOW } = TIME_FLAGS;
  host.ok("fd_filestat_set_times", fd, 5n, 2n ** 64n - 1n, ATIM | MTIM);
  assertEquals(filestat(host, fd).times.slice(0, 2), [5n, 2n ** 64n - 1n]);
  host.ok("fd_filestat_set_times", fd, 7n, 7n, MTIM_NOW);
  const [accessed, modified, changed] = filestat(host, fd).times;
  assertEquals(accessed, 5n);
  assert(modified! > 10n ** 18n && changed! >= modified!);
  for (const flags of [ATIM | ATIM_NOW, MTIM | MTIM_NOW, ATIM | MTIM | MTIM_NOW, 16]) {
    assertEquals(host.call("fd_filestat_set_times", fd, 9n, 9n, flags), ERRNO.INVAL);
  }
  assertEquals(filestat(host, fd).times[0], 5n);
  host.ok("fd_filestat_set_times", ROOT, 1n, 2n, ATIM | MTIM);
  assertEquals(filestat(host, ROOT).times.slice(0, 2), [1n, 2n]);
});

Deno.test("directories that are open from the start tell their names, nothing else does", () => {
  const host = new Host({ preopens: ["/", "/dätä"].map((name) => ({ name, fileSystem: new FileSystem() })) });
  const names = [3, 4].map((fd) => {
    const prestat = host.allocate(8);
    host.ok("fd_prestat_get", fd, prestat);
    assertEquals(host.u32(prestat), 0);
    const length = host.u32(prestat + 4);
    const name = host.allocate(length + 1);
    assertEquals(host.call("fd_prestat_dir_name", fd, name, length - 1), ERRNO.NAMETOOLONG);
    host.ok("fd_prestat_dir_name", fd, name, length + 1);
    return host.text(name, length);
  });
  assertEquals(names, ["/", "/dätä"]);
  const fd = host.directory(".");
  for (const other of [0, 1, 2, fd, 99]) {
    assertEquals(host.call("fd_prestat_get", other, 0), ERRNO.BADF);
    assertEquals(host.call("fd_prestat_dir_name", other, 0, 100), ERRNO.BADF);
  }
});

Deno.test("a closed descriptor is gone, and its number is the next to be given", () => {
  const host = new Host();
  const fds = ["a", "b", "c"].map((name) => host.create(name));
  assertEquals(fds, [4, 5, 6]);
  host.ok("fd_close", 5);
  assertEquals(host.call("fd_close", 5), ERRNO.BADF);
  assertEquals(host.call("fd_close", 2 ** 31), ERRNO.BADF);
  assertEquals([host.create("d"), host.create("e")], [5, 7]);
});

Deno.test("a descriptor takes the number of another, which is closed", () => {
  const host = new Host();
  const [a, b] = [host.create("a", "A"), host.create("b", "B")];
  host.ok("path_unlink_file", ROOT, ...host.put("b"));
  host.ok("fd_renumber", a, b);
  host.ok("fd_filestat_set_size", b, 0n);
  assertEquals(filestat(host, host.open("a").fd).size, 0n);
  assertEquals(host.call("fd_renumber", b, 99), ERRNO.BADF);
  assertEquals(host.call("fd_renumber", 99, b), ERRNO.BADF);
  host.ok("fd_renumber", b, b);
  assertEquals(filestat(host, b).size, 0n);
});

Deno.test("the last descriptor of a removed file gives back what it held", () => {
  const quota = new Quota({ bytes: 10 });
  const host = new Host({ preopens: [{ name: "/", fileSystem: new FileSystem(quota) }] });
  const fds = ["a", "b", "c"].map((name) => host.create(name, "xyz"));
  for (const name of ["a", "b"]) host.ok("path_unlink_file", ROOT, ...host.put(name));
  assertEquals(quota.bytes, 1);
  host.ok("fd_close", fds[0]!);
  assertEquals(quota.bytes, 4);
  host.ok("fd_renumber", fds[2]!, fds[1]!);
  assertEquals(quota.bytes, 7);
});

Deno.test("so many descriptors can be open, and one more makes no file", () => {
  const host = new Host();
  const path = host.put("file");
  const open = (...name: [number, number]) => host.call("path_open", ROOT, 0, ...name, 1, 0n, 0n, 0, 512);
  for (let fd = 4; fd < MAX_DESCRIPTORS; fd++) assertEquals(open(...path), ERRNO.SUCCESS);
  assertEquals(open(...path), ERRNO.MFILE);
  assertEquals(open(...host.put("other")), ERRNO.MFILE);
  assertEquals([...host.fileSystem.root.entries()].length, 1);
  host.ok("fd_close", 500);
  assertEquals([open(...path), host.u32(512)], [ERRNO.SUCCESS, 500]);
});

Deno.test("everything is in sync and all advice is fine", () => {
  const host = new Host();
  const fd = host.create("file");
  for (const any of [fd, ROOT, 1]) {
    host.ok("fd_sync", any);
    host.ok("fd_datasync", any);
  }
  for (let advice = 0; advice <= 5; advice++) host.ok("fd_advise", fd, 0n, 100n, advice);
  assertEquals(host.call("fd_advise", fd, 0n, 0n, 6), ERRNO.INVAL);
  assertEquals(host.call("fd_advise", 1, 0n, 0n, 0), ERRNO.SPIPE);
});
