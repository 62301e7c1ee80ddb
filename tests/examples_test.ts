// The example modules, as they are without GVM: core modules instantiated by hand, with the least of WASI that they need,
// and a component by the engine.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { readWorld } from "../gmp/wasm_format/component/component_world.ts";
import { sha256 } from "../gmp/wasm_format/sha256.ts";
import { compileModule } from "../gvm/engine/compiled_module.ts";
import { DEFAULT_LIMITS } from "../gvm/engine/execution_limits.ts";
import { instantiate } from "../gvm/engine/instance.ts";
import { functionKey } from "../gvm/engine/instantiate_component.ts";
import { MemoryBudget } from "../gvm/engine/memory_budget.ts";
import { hasCommand } from "./tools/commands.ts";

type Exports = Record<string, (...args: (number | bigint)[]) => unknown>;

const PROGRAM = "greet";
const SUCCESS = 0;
const BAD_DESCRIPTOR = 8;

class Exit extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

/** A module with what it has written so far. `stdin` is cut into chunks, one a read. */
class Guest {
  readonly written: Record<number, string> = { 1: "", 2: "" };
  #memory!: WebAssembly.Memory;
  #exports!: Exports;

  static async start(name: string, args: string[] = [], stdin: string[] = []): Promise<Guest> {
    const guest = new Guest();
    const bytes = await Deno.readFile(new URL(`../examples/${name}/${name}.wasm`, import.meta.url));
    const { instance } = await WebAssembly.instantiate(bytes, {
      wasi_snapshot_preview1: guest.#wasi([PROGRAM, ...args], stdin),
    });
    guest.#memory = instance.exports.memory as WebAssembly.Memory;
    guest.#exports = instance.exports as Exports;
    return guest;
  }

  call(name: string, ...args: (number | bigint)[]): unknown {
    const exported = this.#exports[name];
    assert(exported, `no export ${name}`);
    return exported(...args);
  }

  /** Runs `_start` and gives the exit code. */
  run(): number {
    try {
      this.call("_start");
      return SUCCESS;
    } catch (error) {
      if (error instanceof Exit) return error.code;
      throw error;
    }
  }

  #wasi(args: string[], stdin: string[]): WebAssembly.ModuleImports {
    const encodedArgs = args.map((arg) => new TextEncoder().encode(`${arg}\0`));
    const input = stdin.map((chunk) => new TextEncoder().encode(chunk));
    const view = () => new DataView(this.#memory.buffer);
    const bytes = (pointer: number, length: number) => new Uint8Array(this.#memory.buffer, pointer, length);
    const buffers = (iovecs: number, count: number) =>
      Array.from({ length: count }, (_, i) =>
        bytes(
          view().getUint32(iovecs + 8 * i, true),
          view().getUint32(iovecs + 8 * i + 4, true),
        ));
    return {
      args_sizes_get: (count: number, size: number) => {
        view().setUint32(count, encodedArgs.length, true);
        view().setUint32(size, encodedArgs.reduce((sum, arg) => sum + arg.length, 0), true);
        return SUCCESS;
      },
      args_get: (pointers: number, buffer: number) => {
        encodedArgs.forEach((arg, i) => {
          view().setUint32(pointers + 4 * i, buffer, true);
          bytes(buffer, arg.length).set(arg);
          buffer += arg.length;
        });
        return SUCCESS;
      },
      fd_write: (fd: number, iovecs: number, count: number, written: number) => {
        let total = 0;
        for (const buffer of buffers(iovecs, count)) {
          this.written[fd] += new TextDecoder().decode(buffer);
          total += buffer.length;
        }
        view().setUint32(written, total, true);
        return SUCCESS;
      },
      fd_read: (_fd: number, iovecs: number, count: number, read: number) => {
        let chunk = input.shift() ?? new Uint8Array();
        let total = 0;
        for (const buffer of buffers(iovecs, count)) {
          const part = chunk.subarray(0, buffer.length);
          buffer.set(part);
          chunk = chunk.subarray(part.length);
          total += part.length;
        }
        assertEquals(chunk.length, 0, "a chunk of the test does not fit the module's buffer");
        view().setUint32(read, total, true);
        return SUCCESS;
      },
      fd_fdstat_get: () => BAD_DESCRIPTOR,
      fd_seek: () => BAD_DESCRIPTOR,
      fd_close: () => SUCCESS,
      proc_exit: (code: number) => {
        throw new Exit(code);
      },
    };
  }
}

async function importsOf(name: string): Promise<string[]> {
  const bytes = await Deno.readFile(new URL(`../examples/${name}/${name}.wasm`, import.meta.url));
  return WebAssembly.Module.imports(await WebAssembly.compile(bytes)).map(({ module, name }) =>
    `${module}.${name}`
  );
}

Deno.test("math: _start prints the line of the transcripts", async () => {
  const math = await Guest.start("math");
  assertEquals(math.run(), 0);
  assertEquals(math.written[1], "Reponse from the math module...\n");
});

Deno.test("math: add prints and returns the sum", async () => {
  const math = await Guest.start("math");
  assertEquals(math.call("add", 34, 34), 68);
  assertEquals(math.call("add", 2 ** 31 - 1, 1), -(2 ** 31));
  assertEquals(math.written[1], "Adding Numbers From Wasm...\n".repeat(2));
});

Deno.test("math: the other functions calculate without output", async () => {
  const math = await Guest.start("math");
  assertEquals(math.call("sub", 1, 2), -1);
  assertEquals(math.call("mul", -6, 7), -42);
  assertEquals(math.call("div", -7, 2), -3);
  assertEquals(math.call("addf", 0.1, 0.2), 0.1 + 0.2);
  assertEquals(math.call("add64", 2n ** 62n, 1n), 2n ** 62n + 1n);
  assertEquals(math.written[1], "");
});

Deno.test("math: dividing by zero traps", async () => {
  const math = await Guest.start("math");
  assertThrows(() => math.call("div", 1, 0), WebAssembly.RuntimeError);
});

Deno.test("math: imports nothing but fd_write", async () => {
  assertEquals(await importsOf("math"), ["wasi_snapshot_preview1.fd_write"]);
});

Deno.test("greet: without arguments greets the world", async () => {
  const greet = await Guest.start("greet");
  assertEquals(greet.run(), 0);
  assertEquals(greet.written[1], "Hello, world!\n");
});

Deno.test("greet: greets each name, spaces and all", async () => {
  const greet = await Guest.start("greet", ["Ada", "Jürgen von X"]);
  assertEquals(greet.run(), 0);
  assertEquals(greet.written[1], "Hello, Ada!\nHello, Jürgen von X!\n");
});

Deno.test("greet: - greets the names on standard input, across reads and without a last newline", async () => {
  const greet = await Guest.start("greet", ["Ada", "-", "Bob"], ["Cai\nDo", "ra\n\n", "Eve"]);
  assertEquals(greet.run(), 0);
  assertEquals(greet.written[1], "Hello, Ada!\nHello, Cai!\nHello, Dora!\nHello, Eve!\nHello, Bob!\n");
});

Deno.test("greet: --fail writes to standard error and exits with 3", async () => {
  const greet = await Guest.start("greet", ["Ada", "--fail", "Bob"]);
  assertEquals(greet.run(), 3);
  assertEquals(greet.written, { 1: "Hello, Ada!\n", 2: "greet: failed, as asked\n" });
});

Deno.test("greet: fib is a function beside the command", async () => {
  const greet = await Guest.start("greet");
  assertEquals(greet.call("fib", 92), 7540113804746346429n);
  assertEquals(greet.call("fib", -1), 0n);
});

Deno.test("counter: keeps its count between calls until it is reset", async () => {
  const counter = await Guest.start("counter");
  assertEquals([counter.call("next"), counter.call("next")], [1, 2]);
  assertEquals(counter.call("reset"), undefined);
  assertEquals(counter.call("next"), 1);
});

Deno.test("counter: takes and gives every number type, and several at once", async () => {
  const counter = await Guest.start("counter");
  assertEquals(counter.call("divmod", -7, 2), [-3, -1]);
  assertEquals(counter.call("half", 0.1), Math.fround(0.1) / 2);
  assertEquals(counter.call("sqrt", 2), Math.SQRT2);
  assertEquals(counter.call("square", 3037000499n), 9223372030926249001n);
  assertEquals(counter.call("reverse", 1, 2n, 1.5, 2.5), [2.5, 1.5, 2n, 1]);
});

Deno.test("counter: trap and dividing by zero trap", async () => {
  const counter = await Guest.start("counter");
  assertThrows(() => counter.call("trap"), WebAssembly.RuntimeError, "unreachable");
  assertThrows(() => counter.call("divmod", 1, 0), WebAssembly.RuntimeError);
});

Deno.test("counter: grow gives the pages there were, and -1 beyond what memory can be", async () => {
  const counter = await Guest.start("counter");
  assertEquals([counter.call("grow", 1), counter.call("grow", 0), counter.call("grow", 65536)], [1, 2, -1]);
});

Deno.test("counter: imports nothing", async () => {
  assertEquals(await importsOf("counter"), []);
});

const canBuildWat = await hasCommand("wat2wasm");
if (!canBuildWat) console.log("Not rebuilding counter.wat: wat2wasm (Debian's wabt) is not installed");

Deno.test({
  name: "counter: rebuilding gives the committed bytes",
  ignore: !canBuildWat,
  async fn() {
    const examples = new URL("../examples/counter/", import.meta.url);
    const { success, stdout } = await new Deno.Command("wat2wasm", {
      args: [fromFileUrl(new URL("counter.wat", examples)), "--output=-"],
    }).output();
    assert(success);
    assertEquals(stdout, await Deno.readFile(new URL("counter.wasm", examples)));
  },
});

Deno.test("greeter: its functions are those of its WIT, and it imports nothing", async () => {
  const examples = new URL("../examples/greeter/", import.meta.url);
  const { imports, exports } = readWorld(await Deno.readFile(new URL("greeter.wasm", examples)));
  assertEquals(imports.functions, []);
  const source = await Deno.readTextFile(new URL("greeter.wit", examples));
  for (const { name, signature } of exports.functions) {
    const [, kind, plain] = /^(?:\[(\w+)\])?(?:counter\.?)?([a-z]*)$/.exec(name)!;
    const label = kind === "constructor"
      ? "constructor"
      : `${plain}: ${kind === "static" ? "static " : ""}func`;
    const declared = new RegExp(`\\b${label}\\((.*?)\\)`).exec(source);
    assert(declared !== null, name);
    const parameters = signature.parameters.map(([name]) => name).filter((name) => name !== "self");
    assertEquals(Array.from(declared[1]!.matchAll(/(\w+): /g), ([, name]) => name), parameters, name);
  }
  assertEquals(exports.functions.length, 8);
});

Deno.test("greeter: functions take and give a string, a record, a variant, lists and a resource", async () => {
  const call = await instantiateGreeter();
  assertEquals([call("greet", "Ada"), call("greet", "")], ["Hello, Ada!", "Hello, !"]);
  const ada = { name: "Ada", age: 36, email: undefined, tags: ["x", "", "yz"], balance: 12.5 };
  assertEquals(call("birthday", ada), { ...ada, age: 37, balance: 25 });
  const other = { ...ada, email: "a@b.c", tags: [] };
  assertEquals(call("birthday", other), { ...other, age: 37, balance: 25 });
  assertEquals(call("area", { tag: "rect", val: [2, 3] }), { tag: "ok", val: 6 });
  assertEquals(call("area", { tag: "circle", val: 1 }), { tag: "ok", val: Math.PI });
  assertEquals(call("area", { tag: "empty" }), { tag: "err", val: "nothing to measure" });
  assertEquals(call("size", new Uint8Array(1 << 20)), 1 << 20);
  assertEquals(call("sum", new Uint32Array([1, 2, 2 ** 32 - 1])), 2n ** 32n + 2n);
  const counters = [call("[constructor]counter", 5), call("[constructor]counter", 10)];
  const next = (counter: unknown) => call("[method]counter.next", counter);
  assertEquals([next(counters[0]), next(counters[0])], [5, 6]);
  assertEquals(next(call("[static]counter.merge", ...counters)), 17);
});

Deno.test("greeter: it frees what it is given and what it gives", async () => {
  const call = await instantiateGreeter(3 << 16);
  const text = "x".repeat(1000);
  const tags = Array.from({ length: 20 }, () => text);
  for (let round = 0; round < 500; round++) {
    call("greet", text);
    call("birthday", { name: text, age: 1, email: text, tags, balance: 0 });
    call("size", new Uint8Array(20_000));
    const counters = [call("[constructor]counter", 1), call("[constructor]counter", 1)];
    (call("[static]counter.merge", ...counters) as { drop(): void }).drop();
  }
});

/** The functions of the greeter, in an instance that may have so many bytes of memory. */
async function instantiateGreeter(
  memory: number = DEFAULT_LIMITS.memory,
): Promise<(name: string, ...args: unknown[]) => unknown> {
  const bytes = await Deno.readFile(new URL("../examples/greeter/greeter.wasm", import.meta.url));
  const identity = { name: "greeter", version: "v0.0.1", hash: await sha256([bytes], bytes.length) };
  const limits = { ...DEFAULT_LIMITS, memory };
  const compiled = await compileModule(bytes, identity, limits);
  const sink = { write() {} };
  const budget = new MemoryBudget(limits, { whose: "the test" });
  const instance = instantiate(compiled, { args: [], stdout: sink, stderr: sink }, budget);
  return (name, ...args) => instance.callable(functionKey("ghost:demo/greeter@1.0.0", name))(...args);
}
