import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { FileSystem, InputQueue } from "../../../gvm/wasi/mod.ts";
import { type GuestOptions, type Outcome, runGuest } from "./_guest.ts";
import { runComponent } from "./preview2/_component.ts";

/** A version of WASI, and how the programs beside this file, which fixtures/build.sh compiles, are run with it. */
interface Version {
  readonly title: string;
  /** Runs the program `name`. */
  run(name: string, options?: GuestOptions): Promise<Outcome>;
  /** What becomes of the exit code `code`. */
  exitCode(code: number): number;
}

const VERSIONS: readonly Version[] = [
  {
    title: "preview 1",
    run: async (name, options) => await runGuest(await WebAssembly.compile(fixture(`${name}.wasm`)), options),
    exitCode: (code) => code,
  },
  {
    title: "WASI 0.2",
    run: (name, options) => runComponent(fixture(`components/${name}.wasm`), options),
    // The adapter's: it knows success and failure.
    exitCode: (code) => Math.min(code, 1),
  },
];

function fixture(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(`fixtures/${name}`, import.meta.url));
}

const encode = (text: string) => new TextEncoder().encode(text);
const preopens = () => [{ name: "/", fileSystem: new FileSystem() }];

// The adapter writes the first of several buffers only, and reserves no space.
Deno.test("a program reads and writes files", async () => {
  assertEquals(await VERSIONS[0]!.run("files", { preopens: preopens() }), {
    code: 0,
    stdout: "ok\n",
    stderr: "",
  });
});

for (const { title, run, exitCode } of VERSIONS) {
  const suffix = ` (${title})`;

  Deno.test(`a program gets its arguments and variables, and its exit code is a result${suffix}`, async () => {
    const outcome = await run("args_environ", {
      args: ["prog", "", "two words", "ünï"],
      env: { EMPTY: "", NAME: "a=b" },
    });
    assertEquals(outcome, {
      code: exitCode(4),
      stdout: "arg prog\narg \narg two words\narg ünï\nenv EMPTY=\nenv NAME=a=b\n",
      stderr: "",
    });
  });

  Deno.test(`a program sees clocks go on, sleeps, and gets random bytes${suffix}`, async () => {
    const before = Math.floor(Date.now() / 1000);
    const outcome = await run("clocks_random");
    assertEquals([outcome.code, outcome.stderr], [0, ""]);
    assertMatch(outcome.stdout, /^\d+\n$/);
    assertEquals(Number(outcome.stdout) - before <= 1, true, outcome.stdout);
  });

  Deno.test(`a program makes, lists, links, renames and removes paths, and none leads out${suffix}`, async () => {
    assertEquals(await run("paths", { preopens: preopens() }), {
      code: 0,
      stdout: "ok\n",
      stderr: "",
    });
  });

  Deno.test(`a program reads its standard input as it comes and writes as it goes${suffix}`, async () => {
    const input = new InputQueue();
    const written: string[] = [];
    const outcome = await run("cat", {
      stdin: input,
      stdout: {
        // Each piece is answered with the next one, so that reading and writing take turns.
        write(bytes) {
          written.push(new TextDecoder().decode(bytes));
          if (written.length < 3) queueMicrotask(() => input.push(encode(`piece ${written.length}`)));
          else input.end();
        },
      },
      onStart: () => queueMicrotask(() => input.push(encode("piece 0"))),
    });
    assertEquals(written, ["piece 0", "piece 1", "piece 2"]);
    assertEquals([outcome.code, outcome.stderr], [0, "21\n"]);
  });

  Deno.test(`a program pauses when output asks for it${suffix}`, async () => {
    const order: string[] = [];
    const paused = Promise.withResolvers<void>();
    const stdin = new InputQueue([encode("one")]);
    const outcome = await run("cat", {
      stdin,
      stdout: {
        write(bytes) {
          order.push(new TextDecoder().decode(bytes));
          if (order.length > 1) return;
          stdin.push(encode("two"));
          stdin.end();
          setTimeout(() => {
            order.push("room again");
            paused.resolve();
          });
          return paused.promise;
        },
      },
    });
    assertEquals(order, ["one", "room again", "two"]);
    assertEquals(outcome.code, 0);
  });

  Deno.test(`what output throws or rejects with ends the program${suffix}`, async () => {
    const stdin = () => new InputQueue([encode("one")], true);
    const limit = new Error("output limit");
    const thrown = () =>
      run("cat", {
        stdin: stdin(),
        stdout: {
          write: () => {
            throw limit;
          },
        },
      });
    const rejected = () => run("cat", { stdin: stdin(), stdout: { write: () => Promise.reject(limit) } });
    await assertRejects(thrown, Error, "output limit");
    await assertRejects(rejected, Error, "output limit");
  });

  Deno.test(`a program polls its input with a timeout${suffix}`, async () => {
    const input = new InputQueue([encode("typed\n")]);
    const written: string[] = [];
    const outcome = await run("poll", {
      stdin: input,
      stdout: {
        write(bytes) {
          written.push(new TextDecoder().decode(bytes));
          if (written.at(-1) === "timeout\n") input.end();
        },
      },
    });
    assertEquals(written, ["typed\n", "timeout\n", "end\n"]);
    assertEquals([outcome.code, outcome.stderr], [0, ""]);
  });

  Deno.test(`abort ends a program that waits, with the reason given${suffix}`, async () => {
    const reason = new Error("cancelled");
    for (const name of ["cat", "poll"]) {
      const waiting = Promise.withResolvers<void>();
      class Endless extends InputQueue {
        override wait(signal: AbortSignal): Promise<void> {
          waiting.resolve();
          return super.wait(signal);
        }
      }
      const running = run(name, {
        stdin: new Endless(),
        onStart: (wasi) => waiting.promise.then(() => wasi.abort(reason)),
      });
      assertEquals(await running.catch((error) => error), reason);
    }
  });

  Deno.test(`a program that catches its own exit does nothing more${suffix}`, async () => {
    assertEquals(await run("catch_exit"), { code: exitCode(7), stdout: "", stderr: "" });
  });

  Deno.test(`a program may grow its memory between calls${suffix}`, async () => {
    const input = new InputQueue();
    const outcome = await run("grow_while_waiting", {
      stdin: input,
      onStart: () => queueMicrotask(() => input.push(encode("far up"))),
    });
    assertEquals(outcome, { code: 0, stdout: "far up", stderr: "" });
  });
}
