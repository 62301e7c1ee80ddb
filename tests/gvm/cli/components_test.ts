// `gvm run` and `gvm exec --invoke` with functions of components: examples/greeter, and a fixture of the prompt's tests.
// The tests that need a daemon share it.
import { assertEquals, assertMatch } from "@std/assert";
import { ROOT } from "../../tools/commands.ts";
import type { TestDaemon } from "../../tools/daemon_process.ts";
import { exec } from "./_exec.ts";
import { run, shell, startNetwork as startDaemon } from "./_run.ts";

const GREETER = `${ROOT}examples/greeter/greeter.wasm`;
const NAMES = `${ROOT}tests/gvm/repl/fixtures/names.wasm`;

async function startNetwork(): Promise<TestDaemon> {
  const daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  await gpmd.upload({ name: "greeter", version: "v1.0.0", module: Deno.readFileSync(GREETER) });
  await gpmd.upload({ name: "names", version: "v1.0.0", module: Deno.readFileSync(NAMES) });
  return daemon;
}

Deno.test("gvm run with functions of components", async (t) => {
  await using daemon = await startNetwork();

  await t.step("a line's result prints as WAVE, or with --raw as it is", async () => {
    assertEquals(await run(daemon, ['greeter.greet("Ada")']), {
      code: 0,
      stdout: '"Hello, Ada!"\n',
      stderr: "",
    });
    assertEquals((await run(daemon, ["--quiet", "greeter.area(rect((2, 3)))"])).stdout, "6\n");
    assertEquals((await run(daemon, ["--raw", 'greeter.greet("Ada\\n")'])).stdout, "Hello, Ada\n!");
    assertEquals((await run(daemon, ["--raw", "greeter.area(rect((2, 3)))"])).stdout, "6\n");
    const script = `GVM_RUN --raw "names.bytes(b'\\x00\\xff')" | od -An -tx1`;
    assertEquals((await shell(daemon, script)).stdout, " 00 ff\n");
    assertEquals((await run(daemon, ["--raw", "--json", "names.only()"])).code, 2);
  });

  await t.step("--json prints values as JSON has them, and an error with its payload", async () => {
    const json = async (line: string) => {
      const { stdout } = await run(daemon, ["--json", line]);
      return JSON.parse(stdout);
    };
    assertEquals(await json('greeter.birthday({name: "Ada", age: 36, tags: ["x"], balance: nan})'), {
      result: { name: "Ada", age: 37, email: null, tags: ["x"], balance: "NaN" },
      types: ["record {name: string, age: u32, email: option<string>, tags: list<string>, balance: f64}"],
      output: "",
    });
    assertEquals((await json("greeter.sum([4_000_000_000, 1])")).result, "4000000001");
    assertEquals(await json("greeter.area(rect((2, 3)))"), { result: 6, types: ["f64"], output: "" });
    assertEquals((await json("names.bytes([0, 255])")).result, "AP8=");
    assertEquals((await json("names.say-how({write-all})")).result, ["write-all"]);
    assertEquals((await json("names.nested(some(none))")).result, { some: null });
    assertEquals((await json("names.nested(none)")).result, null);
    assertEquals((await json("greeter.counter(5)")).result, "counter#1");
    const failed = await run(daemon, ["--json", "greeter.area(empty)"]);
    assertEquals([failed.code, failed.stdout], [1, ""]);
    assertEquals(JSON.parse(failed.stderr), {
      error: {
        code: "FUNCTION_FAILED",
        message: '"nothing to measure"',
        details: { payload: "nothing to measure" },
      },
    });
    const wrong = await run(daemon, ["--json", "greeter.sum([1, -2])"]);
    assertEquals([wrong.code, JSON.parse(wrong.stderr)], [1, {
      error: {
        code: "BAD_ARGUMENTS",
        message: "xs[1] takes a u32, an integer from 0 to 4294967295",
        position: 16,
      },
    }]);
  });

  await t.step("a line that does not fit is shown with the place", async () => {
    assertEquals(await run(daemon, ["greeter.sum([1, -2])"]), {
      code: 1,
      stdout: "",
      stderr: "greeter.sum([1, -2])\n                ^ xs[1] takes a u32, an integer from 0 to 4294967295\n",
    });
    assertEquals(await run(daemon, ["greeter.area(empty)"]), {
      code: 1,
      stdout: "",
      stderr: 'FUNCTION_FAILED: "nothing to measure"\n',
    });
  });

  await t.step("a line may name a file, whose bytes are given", async () => {
    const { size } = Deno.statSync(GREETER);
    assertEquals((await run(daemon, [`greeter.size(@${GREETER})`])).stdout, `${size}\n`);
    assertEquals(
      (await run(daemon, ["greeter.size(@/nowhere)"])).stderr,
      'BAD_ARGUMENTS: Cannot read "/nowhere": it does not exist\n',
    );
  });
});

Deno.test("--invoke takes WAVE, and points at what does not fit", async () => {
  const invoke = (name: string, ...words: string[]) => exec(["--invoke", name, GREETER, ...words]);
  assertEquals(await invoke("greet", '"Ada"'), { code: 0, stdout: '"Hello, Ada!"\n', stderr: "" });
  assertEquals(
    (await invoke("birthday", '{name: "Ada", age: 36, tags: ["x"], balance: 12.5}')).stdout,
    '{name: "Ada", age: 37, tags: ["x"], balance: 25}\n',
  );
  assertEquals((await invoke("size", `@${GREETER}`)).stdout, `${Deno.statSync(GREETER).size}\n`);
  assertEquals((await invoke("greeter.counter", "5")).stdout, "counter#1\n");
  assertEquals((await exec(["--invoke=nested", NAMES])).stdout, "none\n");
  const wrong = [
    [["sum", "[1, -2]"], "[1, -2]\n    ^ xs[1] takes a u32, an integer from 0 to 4294967295\n"],
    [["sum", "[1, 2"], '[1, 2\n     ^ expected "," or "]"\n'],
    [["greet", '"a" "b"'], '"a" "b"\n    ^ expected the end of the value\n'],
    [["greet"], "BAD_ARGUMENTS: Cannot call greet: name is missing: a string\n"],
    [
      ["greet", '"a"', "1"],
      "BAD_ARGUMENTS: Cannot use argument 2 of greet: one argument too many: it takes 1: name: string\n",
    ],
    [["area", "empty"], 'FUNCTION_FAILED: "nothing to measure"\n'],
    [
      ["counter.next", "c"],
      "BAD_ARGUMENTS: Cannot use argument 1 of counter.next: self takes a counter: there is no resource c here\n",
    ],
  ] as const;
  for (const [[name, ...words], stderr] of wrong) {
    assertEquals(await invoke(name, ...words), { code: 1, stdout: "", stderr }, name);
  }
  assertMatch(
    (await exec(["--invoke=say", NAMES])).stderr,
    /^FUNCTION_NOT_FOUND: .*several functions.*second\.say/,
  );
});
