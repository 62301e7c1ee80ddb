import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FileSystem, InputQueue, type InputSource, Quota } from "../../../../gvm/wasi/mod.ts";
import { bytes, Host, NO_OPEN_FLAGS, NO_PATH_FLAGS, text } from "./_host.ts";

const IO = "io/streams";
const READ = "[method]input-stream.read";
const BLOCKING_READ = "[method]input-stream.blocking-read";
const WRITE = "[method]output-stream.write";
const CHECK = "[method]output-stream.check-write";
const WRITE_ALL = "[method]output-stream.blocking-write-and-flush";
const CLOSED = { tag: "closed" };

/** A host with a source of input, and the stream of it. */
function withInput(source: InputSource, blocking = true): { host: Host; stdin: unknown } {
  const host = new Host({ stdin: source, blocking });
  return { host, stdin: host.call("cli/stdin", "get-stdin") };
}

Deno.test("standard input is read as it comes, and is closed at its end", () => {
  const source = new InputQueue();
  const { host, stdin } = withInput(source, false); // it need not wait, and must not: there is no turn for input
  assertEquals(host.ok(IO, READ, stdin, 10n), new Uint8Array(0));
  source.push(bytes("hello"));
  assertEquals(text(host.ok(IO, READ, stdin, 3n)), "hel");
  assertEquals(host.ok(IO, READ, stdin, 0n), new Uint8Array(0));
  assertEquals(host.ok(IO, "[method]input-stream.skip", stdin, 1n), 1n);
  assertEquals(text(host.ok(IO, READ, stdin, 2n ** 64n - 1n)), "o");
  source.end();
  assertEquals(host.err(IO, READ, stdin, 10n), CLOSED);
  assertEquals(host.err(IO, BLOCKING_READ, stdin, 10n), CLOSED);
});

Deno.test("of a file, whose size its reader is not told, as much is read as there is, and nothing is its end", () => {
  let left = 100_000;
  const { host, stdin } = withInput({
    readable: () => 1, // or its end, as for poll(2)
    read(into) {
      const count = Math.min(into.length, left);
      left -= count;
      return count;
    },
    wait: () => Promise.resolve(),
  });
  const sizes = [BLOCKING_READ, READ].map((name) => (host.ok(IO, name, stdin, 80_000n) as Uint8Array).length);
  assertEquals(sizes, [65_536, 34_464]);
  assertEquals(host.err(IO, BLOCKING_READ, stdin, 10n), CLOSED);
});

Deno.test("a blocking read waits for input, and its pollable is ready then", async () => {
  const source = new InputQueue();
  const { host, stdin } = withInput(source);
  const pollable = host.call(IO, "[method]input-stream.subscribe", stdin);
  assertEquals(await host.call("io/poll", "[method]pollable.ready", pollable), false);
  const polled = host.call("io/poll", "poll", [pollable]) as Promise<unknown>;
  assert(polled instanceof Promise);
  source.push(bytes("now"));
  assertEquals(await polled, new Uint32Array([0]));
  assertEquals(host.call("io/poll", "[method]pollable.ready", pollable), true);
  assertEquals(text(host.ok(IO, BLOCKING_READ, stdin, 10n)), "now");
  const read = host.call(IO, BLOCKING_READ, stdin, 10n) as Promise<unknown>;
  source.push(bytes("later"));
  assertEquals(await read, { tag: "ok", val: bytes("later") });
});

Deno.test("input arrives for a guest that looks for it again and again and never waits", async () => {
  const looks: Record<string, (host: Host, stdin: unknown) => unknown> = {
    ready: (host, stdin) => {
      const pollable = host.call(IO, "[method]input-stream.subscribe", stdin);
      return host.call("io/poll", "[method]pollable.ready", pollable);
    },
    read: (host, stdin) => host.call(IO, READ, stdin, 10n),
    skip: (host, stdin) => host.call(IO, "[method]input-stream.skip", stdin, 10n),
    splice: (host, stdin) => {
      const stdout = host.call("cli/stdout", "get-stdout");
      return host.call(IO, "[method]output-stream.splice", stdout, stdin, 10n);
    },
  };
  const found = { ready: true, read: bytes("now"), skip: 3n, splice: 3n };
  for (const [name, look] of Object.entries(looks)) {
    const source = new InputQueue();
    const { host, stdin } = withInput(source);
    setTimeout(() => source.push(bytes("now")));
    const nothing = await look(host, stdin);
    let seen = nothing;
    // A promise gives the thread back to microtasks only: what pushes is a task.
    for (const until = performance.now() + 5000; performance.now() < until;) {
      seen = await look(host, stdin);
      if (Deno.inspect(seen) !== Deno.inspect(nothing)) break;
    }
    const value = typeof seen === "boolean" ? seen : (seen as { val: unknown }).val;
    assertEquals(value, found[name as keyof typeof found], name);
  }
});

Deno.test("an abort ends a wait, and everything after it", async () => {
  const { host, stdin } = withInput(new InputQueue());
  const read = host.call(IO, BLOCKING_READ, stdin, 1n) as Promise<unknown>;
  host.wasi.abort(new Error("enough"));
  await assertRejects(() => read, Error, "enough");
  assertThrows(() => host.call("random/random", "get-random-u64"), Error, "enough");
});

Deno.test("a guest that cannot wait gets an error from a read, and is ended by a wait without one", () => {
  const host = new Host({ stdin: new InputQueue(), blocking: false });
  const stdin = host.call("cli/stdin", "get-stdin");
  const { tag, val } = host.err(IO, BLOCKING_READ, stdin, 1n) as { tag: string; val: object };
  assertEquals(tag, "last-operation-failed");
  assertEquals(host.call("io/error", "[method]error.to-debug-string", val), "notsup");
  const pollable = host.call("clocks/monotonic-clock", "subscribe-duration", 10n ** 12n);
  assertThrows(() => host.call("io/poll", "[method]pollable.block", pollable), Error, "notsup");
});

Deno.test("output goes out in pieces, and more than check-write permits ends the guest", () => {
  const host = new Host();
  const stdout = host.call("cli/stdout", "get-stdout");
  const room = host.ok(IO, CHECK, stdout) as bigint;
  assertEquals(room, 65_536n);
  host.ok(IO, WRITE, stdout, bytes("hello "));
  host.ok(IO, WRITE_ALL, stdout, bytes("world"));
  assertEquals(host.output(), "hello world");
  assertThrows(() => host.call(IO, WRITE, stdout, new Uint8Array(65_537)), Error, "65537");
  assertThrows(() => host.call(IO, "[method]output-stream.write-zeroes", stdout, 2n ** 64n - 1n), Error);
  host.written.length = 0;
  host.ok(IO, WRITE_ALL, stdout, new Uint8Array(200_000));
  assertEquals(host.written.map(({ length }) => length), [65_536, 65_536, 65_536, 3392]);
  host.written.length = 0;
  host.ok(IO, "[method]output-stream.write-zeroes", stdout, 3n);
  host.ok(IO, "[method]output-stream.blocking-write-zeroes-and-flush", stdout, 2n);
  assertEquals(host.written, [new Uint8Array(3), new Uint8Array(2)]);
});

Deno.test("while output is full there is no room; a write that waits comes out after it", async () => {
  const full = Promise.withResolvers<void>();
  const written: string[] = [];
  const write = (piece: Uint8Array) => {
    written.push(text(piece));
    return written.length === 1 ? full.promise : undefined;
  };
  const host = new Host({ stdout: { write } });
  const stdout = host.call("cli/stdout", "get-stdout");
  host.ok(IO, WRITE, stdout, bytes("first"));
  assertEquals(host.ok(IO, CHECK, stdout), 0n);
  const pollable = host.call(IO, "[method]output-stream.subscribe", stdout);
  const ready = host.call("io/poll", "[method]pollable.block", pollable) as Promise<void>;
  const flushed = host.call(IO, "[method]output-stream.blocking-flush", stdout) as Promise<unknown>;
  const second = host.call(IO, WRITE_ALL, stdout, bytes("second")) as Promise<unknown>;
  assert(second instanceof Promise);
  assertEquals(written, ["first"]);
  full.resolve();
  await ready;
  assertEquals(await flushed, { tag: "ok", val: undefined });
  assertEquals(await second, { tag: "ok", val: undefined });
  assertEquals(written, ["first", "second"]);
  assertEquals(host.ok(IO, CHECK, stdout), 65_536n);
});

Deno.test("a failure of output ends the guest", async () => {
  const host = new Host({ stdout: { write: () => Promise.reject(new Error("broken pipe")) } });
  const stdout = host.call("cli/stdout", "get-stdout");
  await assertRejects(
    () => host.call(IO, WRITE_ALL, stdout, bytes("x")) as Promise<unknown>,
    Error,
    "broken",
  );
});

Deno.test("a splice moves bytes from one stream to another", async () => {
  const source = new InputQueue([bytes("some input")]);
  const { host, stdin } = withInput(source);
  const stdout = host.call("cli/stdout", "get-stdout");
  assertEquals(host.ok(IO, "[method]output-stream.splice", stdout, stdin, 4n), 4n);
  assertEquals(host.ok(IO, "[method]output-stream.blocking-splice", stdout, stdin, 100n), 6n);
  const waiting = host.call(IO, "[method]output-stream.blocking-splice", stdout, stdin, 100n);
  source.push(bytes("!"));
  assertEquals(await waiting, { tag: "ok", val: 1n });
  assertEquals(host.output(), "some input!");
});

Deno.test("a file is read by a stream from an offset on", () => {
  const host = new Host();
  const file = host.create("file");
  host.file("write", file, bytes("contents"), 0n);
  const stream = host.file("read-via-stream", file, 3n);
  assertEquals(text(host.ok(IO, READ, stream, 2n)), "te");
  assertEquals(host.ok(IO, "[method]input-stream.blocking-skip", stream, 1n), 1n);
  assertEquals(text(host.ok(IO, BLOCKING_READ, stream, 2n ** 63n)), "ts");
  assertEquals(host.err(IO, READ, stream, 1n), CLOSED);
  host.file("write", file, bytes("!"), 8n);
  assertEquals(text(host.ok(IO, READ, stream, 9n)), "!");
  assertEquals(host.err(IO, READ, host.file("read-via-stream", file, 2n ** 53n - 1n), 1n), CLOSED);
});

Deno.test("a file is written by streams from an offset on, and at its end", () => {
  const host = new Host();
  const file = host.create("file");
  const stream = host.file("write-via-stream", file, 2n);
  host.ok(IO, WRITE, stream, bytes("ab"));
  host.ok(IO, WRITE_ALL, stream, bytes("cd"));
  const end = host.file("append-via-stream", file);
  host.ok(IO, WRITE, end, bytes("e"));
  host.ok(IO, WRITE, stream, bytes("xy"));
  host.ok(IO, WRITE, end, bytes("z"));
  assertEquals(text((host.file("read", file, 100n, 0n) as [Uint8Array])[0]), "\0\0abcdxyz");
});

Deno.test("a write beyond the quota fails with the reason, and closes the stream", () => {
  const fileSystem = new FileSystem(new Quota({ bytes: 10 }));
  const host = new Host({ preopens: [{ name: "/", fileSystem }] });
  const stream = host.file("write-via-stream", host.create("file"), 0n);
  host.ok(IO, WRITE, stream, bytes("12345678"));
  const { tag, val } = host.err(IO, WRITE, stream, bytes("9ab")) as { tag: string; val: object };
  assertEquals(tag, "last-operation-failed");
  assertEquals(host.call("filesystem/types", "filesystem-error-code", val), "insufficient-space");
  assertEquals(host.err(IO, WRITE, stream, bytes("9")), CLOSED);
  assertEquals(host.err(IO, CHECK, stream), CLOSED);
  assertEquals(host.err(IO, "[method]output-stream.flush", stream), CLOSED);
});

Deno.test("a stream keeps a removed file alive, with its bytes, until it is dropped, or its component ends", () => {
  const quota = new Quota({ bytes: 10 });
  const host = new Host({ preopens: [{ name: "/", fileSystem: new FileSystem(quota) }] });
  const root = host.root();
  const file = host.create("file", root);
  host.file("write", file, bytes("12345678"), 0n);
  const stream = host.file("read-via-stream", file, 0n);
  host.drop("filesystem/types", "descriptor", file);
  host.file("unlink-file-at", root, "file");
  assertEquals(quota.bytes, 2);
  assertEquals(text(host.ok(IO, READ, stream, 8n)), "12345678");
  host.drop(IO, "input-stream", stream);
  assertEquals(quota.bytes, 10);

  const other = host.create("other", root);
  host.file("write", other, bytes("1234"), 0n);
  host.file("unlink-file-at", root, "other");
  assertEquals(quota.bytes, 6);
  host.wasi.close();
  host.drop("filesystem/types", "descriptor", other);
  assertEquals(quota.bytes, 10);
});

Deno.test("a file is only read or written as it was opened", () => {
  const host = new Host();
  const root = host.root();
  host.create("file", root);
  const open = (flags: object) => host.file("open-at", root, NO_PATH_FLAGS, "file", NO_OPEN_FLAGS, flags);
  const reader = open({ read: true, write: false });
  const writer = open({ read: false, write: true });
  assertEquals(host.fileError("write-via-stream", reader, 0n), "bad-descriptor");
  assertEquals(host.fileError("append-via-stream", reader), "bad-descriptor");
  assertEquals(host.fileError("read-via-stream", writer, 0n), "bad-descriptor");
  assertEquals(host.fileError("read-via-stream", root, 0n), "is-directory");
});
