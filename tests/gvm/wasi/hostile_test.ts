import { assert, assertEquals } from "@std/assert";
import { ERRNO } from "../../../gvm/wasi/host/errno.ts";
import { ExitStatus, InputQueue, Snapshot, type TreeEntry, Wasi } from "../../../gvm/wasi/mod.ts";
import { Host, ROOT } from "./_host.ts";
import { generator } from "./_generator.ts";

const TREE: TreeEntry[] = [
  { type: "file", path: "file", modifiedAt: 0n, bytes: new TextEncoder().encode("contents") },
  { type: "directory", path: "dir", modifiedAt: 0n },
  { type: "link", path: "link", modifiedAt: 0n, target: "file" },
];

/** Descriptors that the guest has open: a file after its three streams and its root. */
const FILE = 4;

/** Makes a host with the tree, a descriptor of the file, some input, and nothing to wait for. */
function makeHost(): { host: Host; snapshot: Snapshot } {
  const snapshot = new Snapshot(TREE);
  const host = new Host({
    args: ["program", "argument"],
    env: { NAME: "value" },
    stdin: new InputQueue([new Uint8Array(8)], true),
    preopens: [{ name: "/", fileSystem: snapshot.fileSystem }],
    blocking: false,
  });
  assertEquals(host.open("file").fd, FILE);
  return { host, snapshot };
}

/** A pointer, and how many bytes the function uses there: these are what is made hostile. */
class Pointer {
  constructor(readonly pointer: number, readonly length: number) {}
}

/** Calls of every function that takes pointers, each of which succeeds as it is. */
function everyCall(host: Host): [name: string, args: (number | bigint | Pointer)[]][] {
  const out = (length: number) => new Pointer(host.allocate(length), length);
  const text = (value: string): [Pointer, number] => {
    const [pointer, length] = host.put(value);
    return [new Pointer(pointer, length), length];
  };
  const buffers = (): [Pointer, number] => {
    const [pointer, count] = host.buffers([host.allocate(4), 4], [host.allocate(2), 2]);
    return [new Pointer(pointer, count * 8), count];
  };
  // A clock subscription to a time that has passed.
  const subscription = () => out(48);
  return [
    ["args_get", [out(8), out(17)]],
    ["args_sizes_get", [out(4), out(4)]],
    ["environ_get", [out(4), out(11)]],
    ["environ_sizes_get", [out(4), out(4)]],
    ["clock_res_get", [0, out(8)]],
    ["clock_time_get", [0, 0n, out(8)]],
    ["fd_fdstat_get", [FILE, out(24)]],
    ["fd_filestat_get", [FILE, out(64)]],
    ["fd_filestat_get", [1, out(64)]],
    ["fd_pread", [FILE, ...buffers(), 0n, out(4)]],
    ["fd_prestat_get", [ROOT, out(8)]],
    ["fd_prestat_dir_name", [ROOT, out(1), 1]],
    ["fd_pwrite", [FILE, ...buffers(), 0n, out(4)]],
    ["fd_read", [FILE, ...buffers(), out(4)]],
    ["fd_read", [0, ...buffers(), out(4)]],
    ["fd_readdir", [ROOT, out(100), 100, 0n, out(4)]],
    ["fd_seek", [FILE, 1n, 0, out(8)]],
    ["fd_tell", [FILE, out(8)]],
    ["fd_write", [FILE, ...buffers(), out(4)]],
    ["fd_write", [1, ...buffers(), out(4)]],
    ["path_create_directory", [ROOT, ...text("new")]],
    ["path_filestat_get", [ROOT, 0, ...text("file"), out(64)]],
    ["path_filestat_set_times", [ROOT, 0, ...text("file"), 1n, 1n, 1]],
    ["path_link", [ROOT, 0, ...text("file"), ROOT, ...text("new")]],
    ["path_open", [ROOT, 0, ...text("new"), 1, 0n, 0n, 0, out(4)]],
    ["path_readlink", [ROOT, ...text("link"), out(10), 10, out(4)]],
    ["path_remove_directory", [ROOT, ...text("dir")]],
    ["path_rename", [ROOT, ...text("file"), ROOT, ...text("new")]],
    ["path_symlink", [...text("file"), ROOT, ...text("new")]],
    ["path_unlink_file", [ROOT, ...text("file")]],
    ["poll_oneoff", [subscription(), out(32), 1, out(4)]],
    ["random_get", [out(8), 8]],
  ];
}

/**
 * Functions that take no pointer, and those of sockets, which look at nothing but the descriptor: the shapes of their
 * arguments, a bigint where there are 64 bits.
 */
const WITHOUT_POINTERS: Record<string, (number | bigint)[]> = {
  fd_advise: [0, 0n, 0n, 0],
  fd_allocate: [0, 0n, 0n],
  fd_close: [0],
  fd_datasync: [0],
  fd_fdstat_set_flags: [0, 0],
  fd_fdstat_set_rights: [0, 0n, 0n],
  fd_filestat_set_size: [0, 0n],
  fd_filestat_set_times: [0, 0n, 0n, 0],
  fd_renumber: [0, 0],
  fd_sync: [0],
  proc_exit: [0],
  proc_raise: [0],
  sched_yield: [],
  sock_accept: [0, 0, 0],
  sock_recv: [0, 0, 0, 0, 0, 0],
  sock_send: [0, 0, 0, 0, 0],
  sock_shutdown: [0, 0],
};

const plain = (args: (number | bigint | Pointer)[]) =>
  args.map((arg) => arg instanceof Pointer ? arg.pointer : arg);

Deno.test("every function is called here, and there is no other", () => {
  const called = everyCall(makeHost().host).map(([name]) => name);
  const names = Object.keys(makeHost().host.wasi.functions);
  assertEquals(new Set([...called, ...Object.keys(WITHOUT_POINTERS)]), new Set(names));
  assertEquals(names.length, 46);
  for (const name of Wasi.suspending) assert(names.includes(name));
});

Deno.test("every call succeeds with its pointers as they should be", () => {
  for (let index = 0; index < everyCall(makeHost().host).length; index++) {
    const { host } = makeHost();
    const [name, args] = everyCall(host)[index]!;
    host.ok(name, ...plain(args));
  }
});

Deno.test("a pointer out of memory is a fault, and nothing is written, read, made, moved or removed", () => {
  const count = everyCall(makeHost().host).length;
  let tried = 0;
  for (let index = 0; index < count; index++) {
    const { host, snapshot } = makeHost();
    const [name, args] = everyCall(host)[index]!;
    const memory = host.bytes(0, host.memory.buffer.byteLength);
    const before = memory.slice();
    args.forEach((arg, position) => {
      if (!(arg instanceof Pointer)) return;
      // Just past what there is, far past it, negative as WebAssembly hands it over, and where the sum would wrap around.
      for (const hostile of [65_537 - arg.length, 65_536, 2 ** 31, -1, -arg.length]) {
        const hostileArgs: (number | bigint)[] = plain(args);
        hostileArgs[position] = hostile;
        const what = `${name}(${hostileArgs.join(", ")})`;
        assertEquals(host.call(name, ...hostileArgs), ERRNO.FAULT, what);
        assert(equal(memory, before), `${what} writes`);
        tried++;
      }
    });
    assertEquals(snapshot.changes(), { removed: [], written: [] }, name);
    assertEquals(host.written, [], name);
    assertEquals(host.read(0, 8).text.length, 8, `${name} reads its input`);
    assertEquals(host.read(FILE, 8).text, "contents", `${name} moves the offset`);
    assertEquals(host.create("next"), FILE + 1, `${name} opens a descriptor`);
  }
  assert(tried > 200);
});

Deno.test("a buffer out of memory is a fault, also when those before it are fine", () => {
  for (const name of ["fd_read", "fd_write"]) {
    for (const fd of [name === "fd_read" ? 0 : 1, FILE]) {
      for (
        const bad of [[65_536, 1], [65_535, 2], [2 ** 32 - 1, 1], [1, 2 ** 32 - 1], [
          2 ** 31,
          2 ** 31,
        ]] as const
      ) {
        const { host, snapshot } = makeHost();
        const result = host.allocate(4);
        const good = host.allocate(4);
        assertEquals(host.call(name, fd, ...host.buffers([good, 4], bad), result), ERRNO.FAULT);
        assertEquals([host.bytes(good, 4), host.u32(result)], [new Uint8Array(4), 0]);
        assertEquals([host.written, snapshot.changes().written], [[], []]);
      }
    }
  }
});

Deno.test("without a memory every pointer is a fault", () => {
  const wasi = new Wasi({ args: [], stdout: { write() {} }, stderr: { write() {} } });
  assertEquals(wasi.functions.fd_write!(1, 0, 1, 0), ERRNO.FAULT);
  assertEquals(wasi.functions.random_get!(0, 8), ERRNO.FAULT);
});

Deno.test("memory that grows is seen at its new size, shared memory too", () => {
  for (const shared of [false, true]) {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared });
    const { fileSystem } = new Snapshot([]);
    const preopens = [{ name: "/", fileSystem }];
    const wasi = new Wasi({ args: [], stdout: { write() {} }, stderr: { write() {} }, preopens });
    wasi.bind(memory);
    assertEquals(wasi.functions.random_get!(65_536, 8), ERRNO.FAULT);
    memory.grow(1);
    assertEquals(wasi.functions.random_get!(65_536, 8), ERRNO.SUCCESS);
    assert(new Uint8Array(memory.buffer, 65_536, 8).some((byte) => byte !== 0));
    new Uint8Array(memory.buffer, 65_536).set(new TextEncoder().encode("name"));
    assertEquals(wasi.functions.path_create_directory!(ROOT, 65_536, 4), ERRNO.SUCCESS);
    assertEquals(fileSystem.root.get("name")?.type, "directory");
  }
});

Deno.test("arguments drawn at random give a code or an exit, never another error", () => {
  const random = generator(20_240_607);
  const pick = <T>(values: readonly T[]): T => values[random() % values.length]!;
  const outcomes = new Map<number, number>();
  for (let round = 0; round < 300; round++) {
    const { host } = makeHost();
    const calls = everyCall(host);
    const pointers = calls.flatMap(([, args]) => args.filter((arg) => arg instanceof Pointer));
    const names = Object.keys(host.wasi.functions);
    const draw = (isLarge: boolean): number | bigint => {
      const value = pick([
        random() % 8,
        pick(pointers).pointer,
        random() % 70_000,
        random(),
        pick([-1, 2 ** 31 - 1, -(2 ** 31), 65_536]),
      ]);
      return isLarge ? BigInt(value) * pick([1n, 1n, 2n ** 32n, -1n]) : value;
    };
    for (let step = 0; step < 40; step++) {
      const known = pick(calls);
      const name = pick([known[0], pick(names)]);
      const shape = calls.find(([candidate]) => candidate === name)?.[1] ?? WITHOUT_POINTERS[name]!;
      const original = name === known[0] ? plain(known[1]) : shape.map(() => 0);
      const args = original.map((arg, index) =>
        random() % 3 === 0 ? draw(typeof shape[index] === "bigint") : arg
      );
      const typed = args.map((arg, index) =>
        typeof shape[index] === "bigint" ? BigInt(arg) : Number(arg) | 0
      );
      let errno: number;
      try {
        errno = host.call(name, ...typed);
      } catch (error) {
        assert(error instanceof ExitStatus, `${name}(${typed.join(", ")}): ${error}`);
        break;
      }
      assert(Number.isInteger(errno) && errno >= 0 && errno <= 76, `${name}: ${errno}`);
      outcomes.set(errno, (outcomes.get(errno) ?? 0) + 1);
    }
  }
  for (const errno of [ERRNO.SUCCESS, ERRNO.FAULT, ERRNO.BADF, ERRNO.INVAL, ERRNO.NOTDIR, ERRNO.NOENT]) {
    assert((outcomes.get(errno) ?? 0) > 20, `errno ${errno}: ${outcomes.get(errno)}`);
  }
});

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
