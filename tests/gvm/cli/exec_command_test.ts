import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { childrenOf, isRunning } from "../harness.ts";
import {
  CHECKOUT,
  failureOf,
  isLeftOver,
  PROGRAMS,
  type SuiteProgram,
  suitePrograms,
} from "../wasi/_testsuite.ts";
import { commandLine, eventually, PATIENCE, ROOT, within } from "../../tools/commands.ts";
import { exec, FIXTURES, GREET, temporary, TOOL } from "./_exec.ts";

Deno.test("a command runs from a file, without GPMD, and its exit code is gvm's", async () => {
  assertEquals(await exec([GREET]), { code: 0, stdout: "Hello, world!\n", stderr: "" });
  assertEquals(await exec([GREET, "--", "Ada", "--fail"]), {
    code: 3,
    stdout: "Hello, Ada!\n",
    stderr: "greet: failed, as asked\n",
  });
});

Deno.test("its standard input is gvm's, to the last byte", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(65_536));
  const text = bytes.toHex();
  assertEquals(await exec([TOOL, "--", "copy"], { stdin: text }), { code: 0, stdout: text, stderr: "" });
  assertEquals((await exec([GREET, "--", "-"], { stdin: "Ada\nBob" })).stdout, "Hello, Ada!\nHello, Bob!\n");
});

Deno.test("its output comes while it runs", async () => {
  const [program, ...args] = commandLine("gvm", ["exec", GREET, "--", "-"]);
  const child = new Deno.Command(program, {
    args,
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  })
    .spawn();
  const [input, output] = [child.stdin.getWriter(), child.stdout.getReader()];
  for (const name of ["Ada", "Bob"]) {
    await input.write(new TextEncoder().encode(`${name}\n`));
    const { value } = await within(PATIENCE, "the greeting", output.read());
    assertEquals(new TextDecoder().decode(value), `Hello, ${name}!\n`);
  }
  await input.close();
  assertEquals([(await output.read()).done, (await child.status).code], [true, 0]);
});

Deno.test("it sees the variables it is given and no others", async () => {
  const { stdout } = await exec(
    [TOOL, "--env", "A=1", "--env", "B=x=y z", "--", "env", "A", "env", "B", "env", "HOME", "env", "PATH"],
  );
  assertEquals(stdout, "1\nx=y z\n(unset)\n(unset)\n");
});

Deno.test("what cannot be run is named, with the exit code 1", async () => {
  using place = temporary();
  const file = (name: string, bytes: Uint8Array | string) => {
    const path = join(place.path, name);
    if (typeof bytes === "string") Deno.writeTextFileSync(path, bytes);
    else Deno.writeFileSync(path, bytes);
    return path;
  };
  const truncated = Deno.readFileSync(GREET).slice(0, -100);
  const cases: [string[], RegExp][] = [
    [[join(place.path, "none")], /^BAD_ARGUMENTS: Cannot run ".*none": it does not exist\n$/],
    [[place.path], /^BAD_ARGUMENTS: Cannot run ".*": it is a directory\n$/],
    [
      ["/proc/self/mem"],
      /^BAD_ARGUMENTS: Cannot run "\/proc\/self\/mem": Deno lets no program read or write there\n$/,
    ],
    [[file("text.wasm", "# Ghost")], /^NOT_A_MODULE: .* it is a text file that starts with "# Gh"/],
    [[file("empty", "")], /^NOT_A_MODULE: .*the file is empty/],
    [[file("half", truncated)], /^NOT_A_MODULE: /],
    [
      [join(ROOT, "examples/counter/counter.wasm")],
      /^FUNCTION_NOT_FOUND: .*it has no _start; of other functions there are next, /,
    ],
    [[join(FIXTURES, "unknown_import.wasm")], /^IMPORT_NOT_FOUND: .*env\.magic/],
    [
      [GREET, "--dir", `${place.path}/none::/x`],
      /^BAD_ARGUMENTS: Cannot load ".*none": it does not exist\n$/,
    ],
  ];
  await Promise.all(cases.map(async ([args, expected]) => {
    const { code, stdout, stderr } = await exec(args);
    assertEquals([code, stdout], [1, ""], stderr);
    assertMatch(stderr, expected);
  }));
});

Deno.test("wrong usage says what is right, with the exit code 2", async () => {
  for (const args of [[], [GREET, "--dir=::x"], [GREET, "--env=="], ["--name=x", GREET]]) {
    const { code, stderr } = await exec(args);
    assertEquals(code, 2);
    assertMatch(stderr, /^gvm: .*\nTry: gvm exec --help\n$/);
  }
});

Deno.test("limits that are asked for end it by name", async () => {
  const program = join(ROOT, "tests/gvm/fixtures/program.wasm");
  const { code, stdout, stderr } = await exec(["--timeout=300", program, "--", "busy", "4000000000"]);
  assertEquals([code, stdout, stderr], [
    1,
    "before\n",
    "TIME_LIMIT: The call ran longer than its time limit of 300 ms\n",
  ]);
  assertMatch((await exec(["--memory=64K", TOOL])).stderr, /^MEMORY_LIMIT: /);
});

Deno.test("an output that nobody reads any more ends it without a word", async () => {
  const lines = Array.from({ length: 50_000 }, (_, i) => `name ${i}`).join("\n");
  using place = temporary();
  Deno.writeTextFileSync(join(place.path, "names"), lines);
  const line = commandLine("gvm", ["exec", GREET, "--", "-"]).map((word) => `'${word}'`).join(" ");
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", `${line} < names | head -n 1; echo "\${PIPESTATUS[0]}"`],
    cwd: place.path,
  }).output();
  const decoder = new TextDecoder();
  assertEquals([decoder.decode(stdout), decoder.decode(stderr)], ["Hello, name 0!\n141\n", ""]);
});

Deno.test("Ctrl-C ends it with 130, and nothing is left", async () => {
  const program = join(ROOT, "tests/gvm/fixtures/program.wasm");
  const [deno, ...args] = commandLine("gvm", ["exec", program, "--", "loop"]);
  const child = new Deno.Command(deno, { args, cwd: ROOT, stdin: "piped", stdout: "piped", stderr: "piped" })
    .spawn();
  const output = child.stdout.getReader();
  await output.read(); // "one"
  const executors = childrenOf(child.pid);
  assertEquals(executors.length, 1);
  child.kill("SIGINT");
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  await Promise.all([output.cancel(), child.stdin.close().catch(() => {})]);
  assertEquals([code, stderr], [130, ""]);
  await eventually("the end of the executor", () => !executors.some(isRunning));
});

Deno.test({
  name: "all 72 programs of WebAssembly/wasi-testsuite pass",
  ignore: CHECKOUT === undefined,
  async fn() {
    const programs = [...suitePrograms(CHECKOUT!)];
    assertEquals(programs.length, PROGRAMS);
    const failures: string[] = [];
    const run = async () => {
      for (let program = programs.pop(); program !== undefined; program = programs.pop()) {
        const failure = await runProgram(program);
        if (failure !== undefined) failures.push(`${program.title}: ${failure}`);
      }
    };
    await Promise.all([run(), run()]);
    assertEquals(failures, []);
  },
});

/** Runs a program on a copy of its directory, without what others left in it. */
async function runProgram(program: SuiteProgram): Promise<string | undefined> {
  using place = temporary();
  const { file, args, env, root } = program;
  if (root !== undefined) copyTree(root, place.path);
  const variables = Object.entries(env).map(([name, value]) => `--env=${name}=${value}`);
  const directory = root === undefined ? [] : [`--dir=${place.path}::/`];
  const outcome = await exec([file, ...variables, ...directory, "--", ...args]);
  return failureOf(program, outcome);
}

function copyTree(from: string, to: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isLeftOver(name)) continue;
    if (!isDirectory) Deno.copyFileSync(join(from, name), join(to, name));
    else {
      Deno.mkdirSync(join(to, name));
      copyTree(join(from, name), join(to, name));
    }
  }
}
