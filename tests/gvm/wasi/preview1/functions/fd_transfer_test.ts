import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ERRNO } from "../../../../../gvm/wasi/host/errno.ts";
import { FD_FLAGS, WHENCE } from "../../../../../gvm/wasi/preview1/flags.ts";
import { FileSystem, InputQueue, Quota } from "../../../../../gvm/wasi/mod.ts";
import { MAX_PIECE } from "../../../../../gvm/wasi/host/streams.ts";
import { MAX_BUFFERS } from "../../../../../gvm/wasi/preview1/memory.ts";
import { RIGHTS } from "../../../../../gvm/wasi/preview1/rights.ts";
import { Host, ROOT } from "../../_host.ts";

const encode = (text: string) => new TextEncoder().encode(text);

function seek(host: Host, fd: number, delta: bigint, whence: number): { errno: number; offset: bigint } {
  const result = host.allocate(8);
  const errno = host.call("fd_seek", fd, delta, whence, result);
  return { errno, offset: host.u64(result) };
}

Deno.test("buffers are written and filled in order, empty ones too", () => {
  const host = new Host();
  const fd = host.create("file");
  const result = host.allocate(4);
  host.ok("fd_write", fd, ...host.buffers(host.put("ab"), host.put(""), host.put("cde")), result);
  assertEquals(host.u32(result), 5);
  const [first, second] = [host.allocate(3), host.allocate(8)];
  host.ok("fd_pread", fd, ...host.buffers([first, 3], [0, 0], [second, 8]), 0n, result);
  assertEquals([host.u32(result), host.text(first, 3), host.text(second, 2)], [5, "abc", "de"]);
});

Deno.test("one write to a stream reaches it in one piece", () => {
  const host = new Host();
  host.ok("fd_write", 1, ...host.buffers(host.put("one "), host.put("two")), host.allocate(4));
  host.ok("fd_write", 2, ...host.buffers(), host.allocate(4));
  assertEquals(host.written, [encode("one two")]);
});

Deno.test("a write to a stream is whole, in pieces of which none is large, however often the same bytes are named", () => {
  const pieces: number[] = [];
  const stdout = { write: (bytes: Uint8Array) => void pieces.push(bytes.length) };
  const host = new Host({ stdout });
  const result = host.allocate(4);
  const whole: [number, number] = [0, 65_536];
  const odd: [number, number] = [1, 1001];
  for (const buffers of [[whole], new Array(MAX_BUFFERS).fill(whole), new Array(MAX_BUFFERS).fill(odd)]) {
    pieces.length = 0;
    host.ok("fd_write", 1, ...host.buffers(...buffers), result);
    const length = buffers.length * buffers[0][1];
    assertEquals([host.u32(result), pieces.reduce((sum, piece) => sum + piece)], [length, length]);
    assert(pieces.every((piece, index) => piece === MAX_PIECE || index === pieces.length - 1));
  }
  const [pointer] = host.buffers();
  assertEquals(host.call("fd_write", 1, pointer, MAX_BUFFERS + 1, result), ERRNO.INVAL);
});

Deno.test("pieces have the bytes of all buffers in their order", () => {
  const host = new Host();
  const random = crypto.getRandomValues(new Uint8Array(40_000));
  const [start] = host.put(random);
  const parts = [[start, 3], [start + 3, 0], [start + 3, 39_990], [start, 40_000], [start + 7, 1]] as const;
  host.ok("fd_write", 1, ...host.buffers(...parts), host.allocate(4));
  assertEquals(host.written.length, 2);
  assertEquals(
    host.written.flatMap((bytes) => [...bytes]),
    parts.flatMap(([at, length]) => [...random.subarray(at - start, at - start + length)]),
  );
});

Deno.test("the count of what is written is set afterwards, so that it may stand among what is written", () => {
  const host = new Host();
  const [pointer, length] = host.put("untouched");
  host.ok("fd_write", 1, ...host.buffers([pointer, length]), pointer);
  assertEquals([host.output(), host.u32(pointer)], ["untouched", length]);
});

Deno.test("more than a count can say is not written at all", () => {
  // A memory of 4 MiB a thousand times is the most that can be told.
  const memory = new WebAssembly.Memory({ initial: 65 });
  let written = 0;
  const host = new Host({ stdout: { write: (bytes) => void (written += bytes.length) } });
  host.wasi.bind(memory);
  const view = new DataView(memory.buffer);
  for (let index = 0; index < MAX_BUFFERS; index++) view.setUint32(index * 8 + 4, 65 * 65_536, true);
  assertEquals([host.call("fd_write", 1, 0, MAX_BUFFERS, 0), written], [ERRNO.INVAL, 0]);
});

Deno.test("the same bytes named often enough fill the quota, and nothing is written", () => {
  const fileSystem = new FileSystem(new Quota({ bytes: 1 << 20 }));
  const host = new Host({ preopens: [{ name: "/", fileSystem }] });
  const fd = host.create("file", "before");
  const buffers = host.buffers(...new Array(MAX_BUFFERS).fill([0, 65_536]));
  assertEquals(host.call("fd_write", fd, ...buffers, host.allocate(4)), ERRNO.NOSPC);
  assertEquals(host.call("fd_pwrite", fd, ...buffers, 2n ** 52n, host.allocate(4)), ERRNO.NOSPC);
  seek(host, fd, 0n, WHENCE.SET);
  assertEquals(host.read(fd, 100).text, "before");
});

Deno.test("writing nothing past the end does not make a file longer", () => {
  const host = new Host();
  const fd = host.create("file", "ab");
  host.ok("fd_pwrite", fd, ...host.buffers(host.put("")), 100n, host.allocate(4));
  assertEquals(seek(host, fd, 0n, WHENCE.END).offset, 2n);
});

Deno.test("offsets move by what was read and written, and not by the functions that are told where", () => {
  const host = new Host();
  const fd = host.create("file", "abcdef");
  assertEquals(seek(host, fd, -4n, WHENCE.END), { errno: ERRNO.SUCCESS, offset: 2n });
  assertEquals(host.read(fd, 2).text, "cd");
  host.ok("fd_pwrite", fd, ...host.buffers(host.put("X")), 0n, host.allocate(4));
  host.ok("fd_pread", fd, ...host.buffers([host.allocate(4), 4]), 0n, host.allocate(4));
  const result = host.allocate(8);
  host.ok("fd_tell", fd, result);
  assertEquals(host.u64(result), 4n);
  assertEquals([host.write(fd, "Z").count, seek(host, fd, 0n, WHENCE.CUR).offset], [1, 5n]);
});

Deno.test("an offset is neither negative nor inexact", () => {
  const host = new Host();
  const fd = host.create("file", "abc");
  assertEquals(seek(host, fd, -4n, WHENCE.END).errno, ERRNO.INVAL);
  assertEquals(seek(host, fd, -(2n ** 63n), WHENCE.CUR).errno, ERRNO.INVAL);
  assertEquals(seek(host, fd, 2n ** 53n, WHENCE.SET).errno, ERRNO.OVERFLOW);
  assertEquals(seek(host, fd, 0n, 3).errno, ERRNO.INVAL);
  assertEquals(seek(host, fd, 2n ** 53n - 1n, WHENCE.SET).errno, ERRNO.SUCCESS);
  assertEquals(host.read(fd, 4), { errno: ERRNO.SUCCESS, text: "" });
  assertEquals(host.write(fd, "x").errno, ERRNO.NOSPC);
  assertEquals(host.call("fd_pread", fd, ...host.buffers(), -1n, host.allocate(4)), ERRNO.INVAL);
});

Deno.test("with append, every write goes to the end", () => {
  const host = new Host();
  host.create("file", "abc");
  const { fd } = host.open("file", { flags: FD_FLAGS.APPEND });
  const other = host.open("file").fd;
  host.write(fd, "d");
  seek(host, other, 0n, WHENCE.END);
  host.write(other, "e");
  seek(host, fd, 0n, WHENCE.SET);
  host.write(fd, "f");
  assertEquals(host.read(host.open("file").fd, 100).text, "abcdef");
});

Deno.test("a stream has no offset, a directory no bytes", () => {
  const host = new Host();
  const [buffers, result] = [host.buffers(), host.allocate(8)];
  const { SUCCESS: _, SPIPE, ISDIR } = ERRNO;
  for (const [fd, errno] of [[0, SPIPE], [1, SPIPE], [ROOT, ISDIR]] as const) {
    assertEquals(seek(host, fd, 0n, WHENCE.CUR).errno, errno);
    assertEquals(host.call("fd_tell", fd, result), errno);
    assertEquals(host.call("fd_pread", fd, ...buffers, 0n, result), errno);
    assertEquals(host.call("fd_pwrite", fd, ...buffers, 0n, result), errno);
  }
  assertEquals(host.call("fd_read", ROOT, ...buffers, result), ISDIR);
  assertEquals(host.call("fd_write", ROOT, ...buffers, result), ISDIR);
});

Deno.test("each function asks for its rights", () => {
  const host = new Host();
  host.create("file", "abc");
  const only = (right: number) => host.open("file", { rights: BigInt(right) }).fd;
  const outcome = (fd: number) =>
    [
      host.call("fd_read", fd, ...host.buffers(), host.allocate(4)),
      host.call("fd_write", fd, ...host.buffers(), host.allocate(4)),
      host.call("fd_pread", fd, ...host.buffers(), 0n, host.allocate(4)),
      host.call("fd_pwrite", fd, ...host.buffers(), 0n, host.allocate(4)),
      seek(host, fd, 0n, WHENCE.SET).errno,
      seek(host, fd, 0n, WHENCE.CUR).errno,
      host.call("fd_tell", fd, host.allocate(8)),
    ].map((errno) => errno === ERRNO.SUCCESS ? "yes" : errno === ERRNO.NOTCAPABLE ? "no" : errno);
  const { FD_READ, FD_WRITE, FD_SEEK, FD_TELL } = RIGHTS;
  assertEquals(outcome(only(FD_READ)), ["yes", "no", "no", "no", "no", "no", "no"]);
  assertEquals(outcome(only(FD_WRITE)), ["no", "yes", "no", "no", "no", "no", "no"]);
  assertEquals(outcome(only(FD_SEEK)), ["no", "no", "no", "no", "yes", "yes", "yes"]);
  assertEquals(outcome(only(FD_TELL)), ["no", "no", "no", "no", "no", "yes", "yes"]);
  assertEquals(outcome(only(FD_READ | FD_WRITE | FD_SEEK)), new Array(7).fill("yes"));
  assertEquals(host.call("fd_read", 1, ...host.buffers(), host.allocate(4)), ERRNO.NOTCAPABLE);
  assertEquals(host.call("fd_write", 0, ...host.buffers(), host.allocate(4)), ERRNO.NOTCAPABLE);
});

Deno.test("standard input is read as it comes, and is empty at its end", async () => {
  const stdin = new InputQueue([encode("abc")]);
  const host = new Host({ stdin });
  assertEquals([host.read(0, 2).text, host.read(0, 2).text], ["ab", "c"]);
  const [pointer, result] = [host.allocate(8), host.allocate(4)];
  const waiting = host.wait("fd_read", 0, ...host.buffers([pointer, 3], [pointer + 3, 5]), result);
  stdin.push(encode("later"));
  assertEquals(await waiting, ERRNO.SUCCESS);
  assertEquals(host.text(pointer, host.u32(result)), "later");
  assertEquals(host.read(0, 0), { errno: ERRNO.SUCCESS, text: "" });
  stdin.end();
  assertEquals(host.read(0, 2), { errno: ERRNO.SUCCESS, text: "" });
});

Deno.test("one read takes all that is there, whatever pieces it came in", () => {
  const stdin = new InputQueue(Array.from("abcdefg", encode));
  const host = new Host({ stdin });
  const [pointer, result] = [host.allocate(8), host.allocate(4)];
  host.ok("fd_read", 0, ...host.buffers([pointer, 3], [pointer + 3, 2]), result);
  assertEquals([host.text(pointer, 5), host.u32(result)], ["abcde", 5]);
  assertEquals(host.read(0, 8).text, "fg");
});

Deno.test("a descriptor that must not wait, and a guest that cannot, are told so", () => {
  const host = new Host({ stdin: new InputQueue(), blocking: false });
  host.ok("fd_fdstat_set_flags", 0, FD_FLAGS.NONBLOCK);
  assertEquals(host.read(0, 2).errno, ERRNO.AGAIN);
  assertEquals(new Host({ stdin: new InputQueue(), blocking: false }).read(0, 2).errno, ERRNO.NOTSUP);
});

Deno.test("output asks for a pause, which a guest that cannot wait leaves out", async () => {
  const room = Promise.withResolvers<void>();
  const stdout = { write: () => room.promise };
  assertEquals(new Host({ stdout, blocking: false }).write(1, "x"), { errno: ERRNO.SUCCESS, count: 1 });
  const host = new Host({ stdout });
  const waiting = host.wait("fd_write", 1, ...host.buffers(host.put("x")), host.allocate(4));
  room.resolve();
  assertEquals(await waiting, ERRNO.SUCCESS);
});

Deno.test("a guest waits between the pieces of one write, and an end finds it there", async () => {
  const rooms: PromiseWithResolvers<void>[] = [];
  const stdout = {
    write: () => {
      rooms.push(Promise.withResolvers<void>());
      return rooms.at(-1)!.promise;
    },
  };
  const host = new Host({ stdout });
  const result = host.allocate(4);
  const three = host.buffers([0, MAX_PIECE], [0, MAX_PIECE], [0, 10]);
  const written = host.wait("fd_write", 1, ...three, result);
  for (let piece = 0; piece < 3; piece++) {
    assertEquals([rooms.length, host.u32(result)], [piece + 1, 0]);
    rooms[piece]!.resolve();
    await new Promise((resolve) => setTimeout(resolve));
  }
  assertEquals([await written, host.u32(result)], [ERRNO.SUCCESS, 2 * MAX_PIECE + 10]);
  const ended = host.wait("fd_write", 1, ...three, result);
  rooms[3]!.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  host.wasi.abort(new Error("ended"));
  await assertRejects(() => ended, Error, "ended");
  assertEquals(rooms.length, 5);
});

Deno.test("what output fails with ends the guest, at once or when it next asks for something", async () => {
  const broken = new Error("broken");
  const thrown = new Host({
    stdout: {
      write: () => {
        throw broken;
      },
    },
  });
  assertThrows(() => thrown.write(1, "x"), Error, "broken");
  const stdout = { write: () => Promise.reject(broken) };
  const host = new Host({ stdout });
  await assertRejects(
    () => host.wait("fd_write", 1, ...host.buffers(host.put("x")), host.allocate(4)),
    Error,
    "broken",
  );
  const cannotWait = new Host({ stdout, blocking: false });
  assertEquals(cannotWait.write(1, "x").errno, ERRNO.SUCCESS);
  await Promise.resolve();
  assertThrows(() => cannotWait.write(2, "x"), Error, "broken");
});
