import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import type { StandardStream } from "../../../gvm/wasi/mod.ts";
import { DEFAULT_LIMITS } from "../../../gvm/engine/execution_limits.ts";
import { assertFails, elapsed, Harness, nextText, residentMegabytes } from "../harness.ts";
import { passesMegabytes, runAtOnce, talksAsItComes } from "./_runs.ts";

const encoder = new TextEncoder();

Deno.test("runs and their streams, one after the other in one executor", async (t) => {
  await using harness = new Harness({ size: 1 });

  // The first, because it looks at the memory of the executor.
  await t.step(
    "what a call writes is bounded by the limit of output, however its buffers overlap",
    async () => {
      const caller = await harness.caller();
      let size = 0;
      const output = (bytes: Uint8Array) => void (size += bytes.length);
      assertEquals(
        await caller.call("write_once.many", [], { output }),
        28,
        "more than a count can say is EINVAL",
      );
      assertEquals(size, 0);
      await assertFails("OUTPUT_LIMIT", caller.call("write_once.seven", [], { output }));
      assert(size <= DEFAULT_LIMITS.output, `${size}`);
      assert(
        residentMegabytes(harness.executors[0]!) < 200,
        `${residentMegabytes(harness.executors[0]!)} MB`,
      );
    },
  );

  await t.step(
    "what a program writes arrives before its input is sent, and its input as it comes",
    async () => await talksAsItComes(await harness.caller(), "program"),
  );

  await t.step("a program that keeps the thread between two writes does both", async () => {
    const caller = await harness.caller();
    assertEquals(await caller.run("program", ["busy", "1000000"]).text(), "before\nafter\n");
  });

  await t.step("standard input is text, bytes, pieces, or nothing", async () => {
    const caller = await harness.caller();
    const talk = (stdin?: string | Uint8Array | Iterable<Uint8Array>) =>
      caller.run("program", ["talk"], stdin === undefined ? {} : { stdin }).text();
    assertEquals(await talk(), "one\nend\n");
    assertEquals(await talk(""), "one\nend\n");
    assertEquals(await talk("höhö\n"), "one\nhöhö\nend\n");
    assertEquals(await talk(encoder.encode("bytes\n")), "one\nbytes\nend\n");
    assertEquals(
      await talk([encoder.encode("two "), new Uint8Array(0), encoder.encode("pieces\n")]),
      "one\ntwo pieces\nend\n",
    );
  });

  await t.step("what is no text and no bytes is refused by its name", async () => {
    const caller = await harness.caller();
    const moved = new Uint8Array(3);
    structuredClone(moved.buffer, { transfer: [moved.buffer] });
    const cases: [argv: unknown, options: object, what: string][] = [
      ["talk", {}, 'what should be its arguments is "talk", not an array of strings'],
      [["talk", 1], {}, "argument 2 is 1, not a string"],
      [["\ud800"], {}, 'argument 1 is "\\ud800", not a string of whole characters'],
      [["talk"], { env: { LANG: 1 } }, 'variable "LANG" is 1, not a string'],
      [["talk"], { config: { a: 1 } }, '"a" is 1, not a string'],
      [["talk"], { stdin: ["text"] }, 'a piece of its standard input is "text", not a Uint8Array'],
      [["talk"], { stdin: [new Uint16Array(1)] }, "input is an object, not a Uint8Array"],
      [["talk"], { stdin: [moved] }, "not a Uint8Array that still has its buffer"],
      [["talk"], { stdin: 5 }, "its standard input is 5, not text, bytes or pieces of bytes"],
    ];
    for (const [argv, options, what] of cases) {
      const { message } = await assertFails(
        "BAD_ARGUMENTS",
        caller.run("program", argv as string[], options).exitCode,
      );
      assert(message.endsWith(what), message);
    }
  });

  await t.step(
    "a source of standard input is told of the end of its run, and what it says of that is nobody's",
    async () => {
      const caller = await harness.caller();
      for (const answer of [() => Promise.reject(new Error("no")), () => ({ done: true }), undefined]) {
        const told = Promise.withResolvers<void>();
        const iterator = {
          next: () => new Promise<never>(() => {}),
          return() {
            told.resolve();
            if (answer === undefined) throw new Error("no");
            return answer() as Promise<never>;
          },
        };
        const run = caller.run("greet", ["Ada"], { stdin: { [Symbol.asyncIterator]: () => iterator } });
        assertEquals(await run.text(), "Hello, Ada!\n");
        await told.promise;
      }
    },
  );

  await t.step(
    "ten megabytes go through a program unchanged",
    async () => await passesMegabytes(await harness.caller(), "program"),
  );

  await t.step("programs of one session run at the same time", async () => {
    const caller = await harness.caller();
    // Functions are called meanwhile.
    await runAtOnce(caller, "program", async () => assertEquals(await caller.call("counter.next"), 1));
  });

  await t.step("every exit code is a result", async () => {
    const caller = await harness.caller();
    const codes = [...Array(256).keys(), 256, 2 ** 31, 2 ** 32 - 1];
    const exits = await Promise.all(codes.map((code) => caller.run("program", ["exit", `${code}`]).exitCode));
    assertEquals(exits, codes);
  });

  await t.step("a failure of the input cancels the run, and is told", async () => {
    const caller = await harness.caller();
    const broken = new Error("the cable was pulled");
    // deno-lint-ignore require-yield -- it fails before
    async function* stdin(): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      throw broken;
    }
    const error = await assertFails(
      "CANCELLED",
      caller.run("program", ["talk"], { stdin: stdin() }).exitCode,
    );
    assertStrictEquals(error.cause, broken);
    assertMatch(error.message, /its standard input failed: the cable was pulled$/);
  });

  await t.step("a program that ends does not wait for input that nobody reads", async () => {
    const caller = await harness.caller();
    let asked = 0;
    async function* stdin() {
      for (;;) {
        asked++;
        yield await Promise.resolve(new Uint8Array(1 << 16));
      }
    }
    assertEquals(await caller.run("program", ["exit", "3"], { stdin: stdin() }).exitCode, 3);
    const before = asked;
    assertEquals(await caller.call("counter.next"), 1);
    assert(asked <= before + 1, "the input is not read on");
  });

  await t.step(
    "a function that sleeps leaves its executor to others, and its output comes as it is written",
    async () => {
      const [caller, other] = [await harness.caller(), await harness.caller()];
      const talk = await caller.client.resolve({ module: "waits", function: "talk" });
      const next = await other.client.resolve({ module: "counter", function: "next" });
      const first = Promise.withResolvers<void>();
      let written = "";
      let ended = false;
      const call = caller.client.call(talk, [1000], {
        output: (bytes) => {
          written += new TextDecoder().decode(bytes);
          first.resolve();
        },
      }).finally(() => ended = true);
      await first.promise;
      assertEquals(written, "one\n");
      const time = await elapsed(async () => {
        for (let count = 1; count <= 20; count++) assertEquals(await other.client.call(next, []), count);
        for (let count = 0; count < 5; count++) {
          assertEquals(await caller.run("greet").text(), "Hello, world!\n");
        }
      });
      assert(!ended, `25 answers took ${time} ms, longer than the sleep`);
      assertEquals(await call, 1000);
      assertEquals(written, "one\ntwo\n", "output goes ahead of the result");
    },
  );

  await t.step("output of a function that cannot wait goes ahead of its result", async () => {
    const caller = await harness.caller();
    let written = "";
    const output = (bytes: Uint8Array) => void (written += new TextDecoder().decode(bytes));
    const sum = await caller.call("math.add", [1, 2], { output }).then((sum) => {
      assertEquals(written, "Adding Numbers From Wasm...\n");
      return sum;
    });
    assertEquals(sum, 3);
  });

  await t.step("a start function writes and waits as any other does, in a run and in a call", async () => {
    const caller = await harness.caller();
    let written = "";
    const output = (bytes: Uint8Array) => void (written += new TextDecoder().decode(bytes));
    assertEquals(await caller.run("start_print").text(), "start\nstart\nstart\nmain\n");
    await caller.call("start_print.call", [], { output });
    assertEquals(written, "start\nstart\nstart\nmain\n");
    assertEquals(await caller.run("start_exported").text(), "from start\nfrom start\n");
    written = "";
    assertEquals(await caller.call("start_exported.errno", [], { output }), 0);
    assertEquals(written, "from start\n");
    assertEquals(await caller.run("start_sleep").exitCode, 0);
    assertEquals(await caller.call("start_sleep.call"), undefined);
  });

  await t.step(
    "a program's streams are terminals where its caller says so, and get blocks where not",
    async () => {
      const caller = await harness.caller();
      assertEquals(await caller.run("program", ["terminals"]).text(), "terminals:\n");
      for (const terminals of [["stdin"], ["stdout", "stderr"], ["stdin", "stdout", "stderr"]] as const) {
        const told = await caller.run("program", ["terminals"], { terminals }).text();
        assertEquals(told, `terminals: ${terminals.join(" ")}\n`);
      }
      const pieces = async (terminals: StandardStream[]) => {
        const written: string[] = [];
        const output = (bytes: Uint8Array) => void written.push(new TextDecoder().decode(bytes));
        assertEquals(await caller.run("program", ["lines", "20"], { terminals, output }).exitCode, 0);
        assertEquals(written.join(""), "a line\n".repeat(20));
        return written.length;
      };
      // A C library finds out at its first line.
      assertEquals(await pieces([]), 2);
      assertEquals(await pieces(["stdin", "stderr"]), 2);
      assertEquals(await pieces(["stdout"]), 20);
    },
  );

  await t.step("a stream that is none, or is named twice, is no terminal", async () => {
    const caller = await harness.caller();
    for (const terminals of [["stdlog"], ["stdin", "stdin"], ["__proto__"]]) {
      const run = caller.run("program", ["terminals"], { terminals: terminals as StandardStream[] });
      await assertFails("BAD_REQUEST", run.exitCode);
    }
  });

  await t.step(
    "output that its taker fails on ends the run or the call, and nothing else of the connection",
    async () => {
      const caller = await harness.caller();
      const broken = new Error("the printer is on fire");
      const output = () => {
        throw broken;
      };
      const next = caller.call("counter.next");
      const run = caller.run("program", ["lines", "100000000"], { output }).exitCode;
      const failure = await assertFails("CANCELLED", run);
      assertStrictEquals(failure.cause, broken);
      assertMatch(failure.message, /its output failed: the printer is on fire$/);
      const said = new GhostError("BAD_ARGUMENTS", "Cannot write to standard output: the disk is full");
      const full = () => {
        throw said;
      };
      assertStrictEquals(
        await assertFails(
          "BAD_ARGUMENTS",
          caller.run("program", ["lines", "100000000"], { output: full }).exitCode,
        ),
        said,
      );
      assertStrictEquals(
        await assertFails("BAD_ARGUMENTS", caller.call("math.add", [1, 2], { output: full })),
        said,
      );
      const call = await assertFails("CANCELLED", caller.call("math.add", [1, 2], { output }));
      assertStrictEquals(call.cause, broken);
      assertEquals(
        [await next, await caller.call("counter.next")],
        [1, 2],
        "the session's state is as it was",
      );
    },
  );

  await t.step(
    "more arguments than a run can be given are named, with how many bytes there may be",
    async () => {
      const caller = await harness.caller();
      const words = Array.from({ length: 10 }, () => "x".repeat(100_000));
      assertEquals(
        (await assertFails("BAD_ARGUMENTS", caller.run("program", words).exitCode)).message,
        "Cannot run program: its arguments and variables are 1000050 bytes, above the limit of 245760 bytes",
      );
      const env = { A: "é".repeat(200_000) };
      assertMatch(
        (await assertFails("BAD_ARGUMENTS", caller.run("program", [], { env }).exitCode)).message,
        /400011/,
      );
      assertEquals(await caller.run("program", ["exit", "7", "x".repeat(200_000)]).exitCode, 7);
      const many = Array.from({ length: 4000 }, (_, index) => `${index}`);
      assertEquals(await caller.run("program", ["exit", "8", ...many]).exitCode, 8);
    },
  );

  await t.step("what is no program, and what is missing, is named", async () => {
    const caller = await harness.caller();
    assertMatch(
      (await assertFails("FUNCTION_NOT_FOUND", caller.run("counter").exitCode)).message,
      /^Cannot run counter@v1.0.0: it has no _start; of other functions there are next, /,
    );
    await assertFails("MODULE_NOT_FOUND", caller.run("nowhere").exitCode);
    await assertFails("BAD_ARGUMENTS", caller.run("greet", ["a\0b"]).exitCode);
  });
});

Deno.test("what a program writes arrives although it keeps the thread afterwards", async () => {
  await using harness = new Harness({ limits: { time: 1000 } });
  const caller = await harness.caller();
  const run = caller.run("program", ["loop"]);
  let failed = false;
  const failure = assertFails("TIME_LIMIT", run.exitCode).then(() => failed = true);
  assertEquals(await nextText(run[Symbol.asyncIterator]()), "one\n");
  assert(!failed);
  await failure;
});

Deno.test("one write is whole, whatever its size, in a run and in a call", async () => {
  await using harness = new Harness({ limits: { output: 2 ** 28, time: 60_000 } });
  const caller = await harness.caller();
  const sizes = { run: 0, call: 0 };
  const count = (which: keyof typeof sizes) => (bytes: Uint8Array) => void (sizes[which] += bytes.length);
  assertEquals(await caller.run("write_once", [], { output: count("run") }).exitCode, 2);
  assertEquals(await caller.call("write_once.call", [], { output: count("call") }), 2 ** 21);
  assertEquals(sizes, { run: 2 ** 21, call: 2 ** 21 });
});

Deno.test("a program that writes without end hears that it is cancelled, and its executor goes on", async () => {
  await using harness = new Harness({ size: 1, limits: { output: 2 ** 30 } });
  const [caller, other] = [await harness.caller(), await harness.caller()];
  const before = harness.executors;
  for (let count = 1; count <= 5; count++) {
    const stop = new AbortController();
    const output = () => stop.abort();
    const run = caller.run("program", ["lines", "1000000000"], { signal: stop.signal, output });
    await assertFails("CANCELLED", run.exitCode);
    assertEquals(await other.call("counter.next"), count);
  }
  assertEquals(harness.executors, before);
});
