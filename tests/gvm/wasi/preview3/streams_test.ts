// Files and standard streams read and written by a component for WASI 0.3; its text is beside the fixtures of components.
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DEFAULT_LIMITS } from "../../../../gvm/engine/execution_limits.ts";
import { instantiateLoaded } from "../../../../gvm/engine/instantiate_component.ts";
import { MemoryBudget } from "../../../../gvm/engine/memory_budget.ts";
import { InputQueue, Quota, Snapshot, type WasiOptions } from "../../../../gvm/wasi/mod.ts";
import { fixture, load } from "../../component/_fixtures.ts";

const OK = 255;
/** Cases of `error-code` by their number. */
const [BAD_DESCRIPTOR, INVALID, INSUFFICIENT_SPACE] = [2, 11, 22];
/** Flags of a descriptor. */
const [READ, WRITE] = [1, 2];

const component = await load(fixture("wasi_streams"));

class Guest {
  readonly stdout: Uint8Array[] = [];
  readonly #instance;

  constructor(readonly files: Snapshot, options: Partial<WasiOptions> = {}) {
    const stdout = { write: (bytes: Uint8Array) => void this.stdout.push(bytes.slice()) };
    this.#instance = instantiateLoaded(
      { name: "test", version: "v1.0.0", hash: "", component, waits: true },
      {
        args: [],
        stdout,
        stderr: stdout,
        preopens: [{ name: "/", fileSystem: files.fileSystem }],
        ...options,
      },
      new MemoryBudget(DEFAULT_LIMITS, { whose: "the test" }),
      { suspended() {}, resumed() {} },
    );
  }

  async call(name: string, ...args: unknown[]): Promise<unknown> {
    return await this.#instance.callable(name)(...args);
  }

  abort(reason: unknown): void {
    this.#instance.abort(reason);
  }

  /** The contents of a file. */
  contents(path: string): string {
    const written = this.files.changes().written.find((entry) => entry.path === path);
    return written?.type === "file" ? text(written.bytes) : `there is no file ${path}`;
  }
}

function filesOf(files: Record<string, string | Uint8Array>, quota?: Quota): Snapshot {
  return new Snapshot(
    Object.entries(files).map(([path, contents]) => ({
      type: "file",
      path,
      bytes: typeof contents === "string" ? bytes(contents) : contents,
      modifiedAt: 0n,
    })),
    quota,
  );
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

Deno.test("a file is read from an offset on, by pieces of any size, to its end", async () => {
  const guest = new Guest(filesOf({ file: "Hello, world" }));
  for (const piece of [1, 5, 12, 100]) {
    assertEquals(await guest.call("read", 0n, piece, READ), [OK, bytes("Hello, world")]);
    assertEquals(await guest.call("read", 7n, piece, READ), [OK, bytes("world")]);
    assertEquals(await guest.call("read", 12n, piece, READ), [OK, bytes("")]);
    assertEquals(await guest.call("read", 1000n, piece, READ), [OK, bytes("")]);
  }
});

Deno.test("a file that is not open to read, or an offset that is none, gives an error and nothing to read", async () => {
  const guest = new Guest(filesOf({ file: "secret" }));
  assertEquals(await guest.call("read", 0n, 10, WRITE), [BAD_DESCRIPTOR, bytes("")]);
  assertEquals(await guest.call("read", 2n ** 64n - 1n, 10, READ), [INVALID, bytes("")]);
});

Deno.test("a file is written from an offset on, and at its end", async () => {
  const guest = new Guest(filesOf({ file: "Hello, world" }));
  assertEquals(await guest.call("write", 7n, WRITE, bytes("there")), OK);
  assertEquals(guest.contents("file"), "Hello, there");
  assertEquals(await guest.call("write", 14n, WRITE, bytes("!")), OK);
  assertEquals(guest.contents("file"), "Hello, there\0\0!");
  assertEquals(await guest.call("write", 2n ** 64n - 1n, WRITE, bytes("?")), OK); // that is: append
  assertEquals(guest.contents("file"), "Hello, there\0\0!?");
  assertEquals(await guest.call("write", 0n, READ, bytes("x")), BAD_DESCRIPTOR);
  assertEquals(await guest.call("write", 2n ** 63n, WRITE, bytes("x")), INVALID);
  assertEquals(guest.contents("file"), "Hello, there\0\0!?");
});

Deno.test("more than the quota is not written, and the writer learns it", async () => {
  const guest = new Guest(filesOf({ file: "" }, new Quota({ bytes: 100_000 })));
  assertEquals(await guest.call("write", 0n, WRITE, new Uint8Array(90_000)), OK);
  assertEquals(await guest.call("write", 90_000n, WRITE, new Uint8Array(90_000)), INSUFFICIENT_SPACE);
  assertEquals(await guest.call("write", 0n, WRITE, bytes("fits")), OK);
});

Deno.test("a stream of one file is handed on to another, and to itself until the quota is full", async () => {
  const megabyte = new Uint8Array(1 << 20).map((_, index) => index);
  const guest = new Guest(filesOf({ file: megabyte }, new Quota({ bytes: 16 << 20 })));
  assertEquals(await guest.call("forward", "other"), OK);
  const copy = guest.files.changes().written.find(({ path }) => path === "other");
  assert(copy?.type === "file");
  assertEquals(copy.bytes, megabyte);
  assertEquals(await guest.call("forward", "file"), INSUFFICIENT_SPACE);
});

Deno.test("a directory is listed, however many entries are asked for at a time", async () => {
  const names = Array.from({ length: 100 }, (_, index) => `file ${index}`);
  const guest = new Guest(filesOf(Object.fromEntries(names.map((name) => [name, ""]))));
  for (const piece of [1, 7, 1000]) {
    const listed = await guest.call("list", piece) as { name: string; type: { tag: string } }[];
    assertEquals(listed.map(({ name }) => name), names);
    assertEquals(new Set(listed.map(({ type }) => type.tag)), new Set(["regular-file"]));
  }
});

Deno.test("no more of the input is taken than is read, so the next stream goes on there", async () => {
  const stdin = new InputQueue();
  const guest = new Guest(filesOf({}), { stdin });
  const taken = guest.call("take", 5);
  stdin.push(bytes("Hello, "));
  assertEquals(await taken, [0, bytes("Hello")]);
  stdin.push(bytes("world"));
  assertEquals(await guest.call("take", 100), [0, bytes(", ")]);
  assertEquals(await guest.call("take", 100), [0, bytes("world")]);
  stdin.end();
  assertEquals(await guest.call("take", 100), [1, bytes("")]);
});

Deno.test("a read of the input that is given up ends its stream, with nothing to read", async () => {
  const stdin = new InputQueue();
  const guest = new Guest(filesOf({}), { stdin });
  assertEquals(await guest.call("give-up"), 2); // cancelled
  stdin.push(bytes("kept"));
  assertEquals(await guest.call("take", 100), [0, bytes("kept")]);
});

Deno.test("the input is handed on to the output as it comes", async () => {
  const stdin = new InputQueue();
  const guest = new Guest(filesOf({}), { stdin });
  const echo = guest.call("echo");
  const sent = Array.from({ length: 1000 }, (_, index) => `${index} `);
  for (const [index, piece] of sent.entries()) {
    stdin.push(bytes(piece));
    if (index % 100 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  stdin.end();
  assertEquals(await echo, 0);
  assertEquals(guest.stdout.map(text).join(""), sent.join(""));
});

Deno.test("what was written is there although the program has returned and dropped nothing", async () => {
  const guest = new Guest(filesOf({}));
  await guest.call("leave", bytes("all of it"));
  assertEquals(guest.stdout.map(text).join(""), "all of it");
});

Deno.test("output that asks for a pause holds the writer up", async () => {
  let [under, most, total] = [0, 0, 0];
  let pause: Promise<void> | undefined;
  const stdout = {
    write(piece: Uint8Array) {
      total += piece.length;
      most = Math.max(most, ++under);
      return pause = new Promise<void>((resolve) => setTimeout(resolve)).then(() => void under--);
    },
  };
  const guest = new Guest(filesOf({}), { stdout });
  await guest.call("flood", 50);
  await pause;
  assertEquals([total, most], [50 << 16, 1]);
});

Deno.test("what the output throws or rejects with ends the guest", async () => {
  const reason = new Error("the reader is gone");
  for (
    const write of [() => Promise.reject(reason), () => {
      throw reason;
    }]
  ) {
    const guest = new Guest(filesOf({}), { stdout: { write } });
    assertEquals(await assertRejects(() => guest.call("flood", 1000)), reason);
  }
});

Deno.test("a guest that waits for the input is ended with the reason given", async () => {
  const guest = new Guest(filesOf({}), { stdin: new InputQueue() });
  const taken = guest.call("take", 5);
  const reason = new Error("enough");
  guest.abort(reason);
  assertEquals(await assertRejects(() => taken), reason);
});

/** What the fixture hoards, by its number, and how that ends. */
const HOARDS: readonly (readonly [what: string, kind: number, end: RegExp])[] = [
  ["streams of a file", 0, /^ComponentTrap: more than 32768 handles$/],
  ["descriptors", 1, /get-directories failed: mfile/],
  ["streams", 2, /^ComponentTrap: more than 32768 handles$/],
  ["waitable sets", 3, /^ComponentTrap: more than 32768 handles$/],
  ["futures", 4, /^ComponentTrap: more than 32768 handles$/],
  ["error contexts with long messages", 5, /^ComponentTrap: more than 32768 handles$/],
  ["waits for the clock", 6, /MEMORY_LIMIT: Cannot wait for more: 4096 waits are under way/],
  ["reads of the input", 7, /MEMORY_LIMIT: Cannot wait for more: 4096 waits are under way/],
  ["appends to a file", 8, /^ComponentTrap: more than 32768 handles$/],
  ["streams to the output", 9, /^ComponentTrap: more than 32768 handles$/],
];

for (const [what, kind, end] of HOARDS) {
  Deno.test(`a guest that hoards ${what} is ended, before it has filled the heap`, async () => {
    const guest = new Guest(filesOf({ file: new Uint8Array(100_000) }), { stdin: new InputQueue() });
    const before = Deno.memoryUsage().heapUsed;
    const error = await assertRejects(() => guest.call("hoard", kind, 1_000_000), Error);
    assertMatch(String(error), end);
    assert(Deno.memoryUsage().heapUsed - before < 150_000_000);
    guest.abort(new Error("over")); // the timers, too
    await assertRejects(() => guest.call("hoard", kind, 1), Error);
  });
}

Deno.test("a guest that drops each stream before the next may open any number of them", async () => {
  const guest = new Guest(filesOf({ file: "contents" }));
  assertEquals(await guest.call("hoard", 10, 10_000), 0);
});

Deno.test("what is dropped twice ends the guest, whose file was closed once", async () => {
  const guest = new Guest(filesOf({ file: "contents" }));
  await assertRejects(() => guest.call("twice"), Error, "unknown handle index");
});

Deno.test("a guest that waits for the end of a stream which only it could end is told so", async () => {
  const guest = new Guest(filesOf({ file: "contents" }));
  await assertRejects(() => guest.call("stuck"), Error, "deadlock detected");
});

Deno.test("a guest that yields for ever when it is called back is ended", async () => {
  const guest = new Guest(filesOf({}));
  const yielding = guest.call("yield", 1);
  const reason = new Error("enough");
  setTimeout(() => guest.abort(reason));
  assertEquals(await assertRejects(() => yielding), reason);
});
