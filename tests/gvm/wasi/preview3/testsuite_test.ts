// WebAssembly/wasi-testsuite's programs for WASI 0.3.
import { assertEquals } from "@std/assert";
import { basename, join } from "@std/path";
import { GhostError } from "../../../../gmp/errors.ts";
import { DEFAULT_LIMITS } from "../../../../gvm/engine/execution_limits.ts";
import { MemoryBudget } from "../../../../gvm/engine/memory_budget.ts";
import { runModule } from "../../../../gvm/engine/run.ts";
import { NO_WATCH } from "../../../../gvm/engine/watch.ts";
import { InputQueue } from "../../../../gvm/wasi/mod.ts";
import { load } from "../../component/_fixtures.ts";
import { CHECKOUT, rootOf } from "../_testsuite.ts";

const PROGRAMS = 55;

/** What cannot pass: the programs whose names begin so, and how they fail. There is no network. */
const DENIED: readonly (readonly [programs: RegExp, why: string])[] = [
  // Their first call makes a socket.
  [/^sockets-/, "TRAP: AccessDenied"],
  // They export `wasi:http/handler`, which a server would call with a request; what they export to be run is a stub.
  [/^http-(?:client|service)/, "it serves HTTP requests"],
];

/** One step of a program's specification. */
interface Operation {
  readonly type: "run" | "write" | "read" | "wait";
  readonly id?: "stdin" | "stdout" | "stderr";
  readonly payload?: string;
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  readonly root?: string;
  readonly exit_code?: number;
}

for (const group of ["cli", "clocks", "filesystem", "http", "random", "sockets"]) {
  Deno.test({
    name: `the programs for ${group} of WASI 0.3 pass, or fail where the network is denied`,
    ignore: CHECKOUT === undefined,
    async fn() {
      const unexpected = [];
      for (const path of programs().filter((path) => groupOf(basename(path)) === group)) {
        const name = basename(path);
        const [, why] = DENIED.find(([programs]) => programs.test(name)) ?? [];
        const failure = await failureOf(path);
        if (failure !== why) unexpected.push(`${name}: ${failure}`);
      }
      assertEquals(unexpected, []);
    },
  });
}

Deno.test({
  name: `${PROGRAMS} programs of WASI 0.3: 29 pass, 12 ask for sockets, and 14 wait for HTTP requests`,
  ignore: CHECKOUT === undefined,
  fn() {
    const names = programs().map((path) => basename(path));
    assertEquals(names.length, PROGRAMS);
    assertEquals(DENIED.map(([denied]) => names.filter((name) => denied.test(name)).length), [12, 14]);
    const files = names.filter((name) => ["cli", "clocks", "filesystem", "random"].includes(groupOf(name)));
    assertEquals(files.length, 25);
  },
});

function programs(): string[] {
  const folder = join(CHECKOUT!, "tests/rust/testsuite/wasm32-wasip3");
  return Array.from(Deno.readDirSync(folder), ({ name }) => name)
    .filter((name) => name.endsWith(".wasm")).sort().map((name) => join(folder, name));
}

function groupOf(name: string): string {
  const [group] = name.split(/[-.]/);
  if (name.includes("clock")) return "clocks";
  return group === "run" ? "cli" : group!;
}

async function failureOf(path: string): Promise<string | undefined> {
  const { operations, root } = await specificationOf(path);
  const [run] = operations.filter(({ type }) => type === "run");
  const stdin = new InputQueue(); // as with the suite's own runner it never ends
  const output = new Output();
  const compiled = {
    name: "test",
    version: "1.0.0",
    hash: "",
    component: await load(await Deno.readFile(path)),
    waits: true,
  };
  if (compiled.component.functions.some((one) => one.interface?.startsWith("wasi:http/handler@"))) {
    return "it serves HTTP requests";
  }
  const room = {
    session: 1,
    limits: DEFAULT_LIMITS,
    watch: NO_WATCH,
    memory: new MemoryBudget(DEFAULT_LIMITS, { whose: "this test" }),
    terms: { time: DEFAULT_LIMITS.time, what: 0 },
  };
  const outcome = runModule(compiled, room, {
    id: 1,
    args: [basename(path), ...run?.args ?? []],
    env: run?.env ?? {},
    preopens: rootOf(root === undefined ? undefined : join(path, "..", root)),
    stdin,
    output: (bytes, stream) => output.add(bytes, stream),
  }).finally(() => output.end());
  outcome.catch(() => {}); // it is looked at below
  for (const { type, id = "stdout", payload = "" } of operations) {
    if (type === "write") stdin.push(new TextEncoder().encode(payload));
    if (type === "read") {
      const read = await output.take(id, payload.length);
      if (read !== payload) return `${id} was ${JSON.stringify(read)}`;
    }
  }
  try {
    const code = await outcome;
    const expected = operations.find(({ type }) => type === "wait")?.exit_code ?? 0;
    return code === expected ? undefined : `exited with ${code}, not ${expected}`;
  } catch (error) {
    if (!(error instanceof GhostError)) throw error;
    const [said] = /AccessDenied/.exec(await output.rest("stderr")) ?? [];
    return `${error.code}: ${said ?? error.message}`;
  }
}

/** What a program writes, as it comes. */
class Output {
  readonly #text: Record<string, string> = { stdout: "", stderr: "" };
  readonly #decoder = new TextDecoder();
  #more = Promise.withResolvers<void>();
  #isOver = false;

  add(bytes: Uint8Array, id: string): void {
    this.#text[id] += this.#decoder.decode(bytes);
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }

  end(): void {
    this.#isOver = true;
    this.#more.resolve();
  }

  async take(id: string, length: number): Promise<string> {
    while (this.#text[id]!.length < length && !this.#isOver) await this.#more.promise;
    const taken = this.#text[id]!.slice(0, length);
    this.#text[id] = this.#text[id]!.slice(length);
    return taken;
  }

  rest(id: string): Promise<string> {
    return this.take(id, Infinity);
  }
}

/** What the suite says of a program, in either of its two forms (`doc/specification.md`). */
async function specificationOf(
  path: string,
): Promise<{ readonly operations: readonly Operation[]; readonly root?: string }> {
  try {
    const { operations, root } = JSON.parse(await Deno.readTextFile(path.replace(/wasm$/, "json")));
    const asked = root ?? operations?.find(({ type }: Operation) => type === "run")?.root;
    return { operations: operations ?? [], ...asked === undefined ? {} : { root: asked } };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { operations: [] };
    throw error;
  }
}
