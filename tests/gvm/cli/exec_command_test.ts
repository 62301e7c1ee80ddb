import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { childrenOf, isRunning } from "../harness.ts";
import {
  CHECKOUT,
  failureOf,
  isLeftOver,
  PROGRAMS,
  type SuiteProgram,
  suitePrograms,
} from "../wasi/_testsuite.ts";
import {
  commandLine,
  eventually,
  type Outcome,
  PATIENCE,
  ROOT,
  runCommand,
  within,
} from "../../tools/commands.ts";

const FIXTURES = fromFileUrl(new URL("./fixtures/", import.meta.url));
const TOOL = join(FIXTURES, "tool.wasm");
const GREET = join(ROOT, "examples/greet/greet.wasm");

/** Runs `gvm exec`; that there is no GPMD, no store and no home is nothing to it. */
function exec(args: string[], options: { stdin?: string | Uint8Array; cwd?: string } = {}): Promise<Outcome> {
  const env = { GHOST_HOME: "/nonexistent", GHOST_GMP_PORT: "1", GHOST_COMMAND_PORT: "1" };
  return runCommand("gvm", ["exec", ...args], { env, ...options });
}

function temporary(): { path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "ghost-exec-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

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

Deno.test("a directory is a copy, unless it is to be written back", async () => {
  using place = temporary();
  const [host, other] = [join(place.path, "host"), join(place.path, "other")];
  for (const directory of [host, other]) Deno.mkdirSync(directory);
  Deno.writeTextFileSync(join(host, "old"), "old");
  Deno.writeTextFileSync(join(host, "gone"), "gone");
  const steps = [
    ...["read", "/work/old", "write", "/work/old", "changed", "remove", "/work/gone"],
    ...["directory", "/work/sub", "write", "/work/sub/new", "new", "write", "/other/x", "x", "list", "/work"],
  ];
  const copied = await exec([TOOL, `--dir=${host}::/work`, `--dir=${other}::/other`, "--", ...steps]);
  assertEquals(copied, { code: 0, stdout: "oldold\nsub\n", stderr: "" });
  assertEquals([...Deno.readDirSync(host)].map(({ name }) => name).sort(), ["gone", "old"]);
  assertEquals(Deno.readTextFileSync(join(host, "old")), "old");
  await exec([TOOL, `--dir=${host}::/work:rw`, `--dir=${other}::/other`, "--", ...steps]);
  assertEquals([...Deno.readDirSync(host)].map(({ name }) => name).sort(), ["old", "sub"]);
  assertEquals(Deno.readTextFileSync(join(host, "old")), "changed");
  assertEquals(Deno.readTextFileSync(join(host, "sub/new")), "new");
  assertEquals([...Deno.readDirSync(other)], []);
});

Deno.test("changes are written back whatever the exit code, and by relative paths", async () => {
  using place = temporary();
  Deno.mkdirSync(join(place.path, "host"));
  const { code } = await exec([TOOL, "--dir=host::.:rw", "--", "write", "left", "behind", "exit", "7"], {
    cwd: place.path,
  });
  assertEquals([code, Deno.readTextFileSync(join(place.path, "host/left"))], [7, "behind"]);
});

Deno.test("a link that leads out costs neither another file nor the exit code", async () => {
  for (const [target, isLeftOut] of [["../outside", true], ["archive/../archive/precious", false]] as const) {
    using place = temporary();
    Deno.writeTextFileSync(join(place.path, "precious"), "x");
    const steps = [
      "directory",
      "/w/archive",
      "rename",
      "/w/precious",
      "/w/archive/precious",
      "link",
      target,
      "/w/l",
    ];
    const { code, stderr } = await exec([TOOL, `--dir=${place.path}::/w:rw`, "--", ...steps, "exit", "7"]);
    assertEquals([code, stderr], [
      7,
      isLeftOut ? 'gvm: left out "l": it is a link that leads out of the directory\n' : "",
    ]);
    assertEquals(Deno.readTextFileSync(join(place.path, "archive/precious")), "x");
    const names = [...Deno.readDirSync(place.path)].map(({ name }) => name).sort();
    assertEquals(names, isLeftOut ? ["archive"] : ["archive", "l"]);
  }
});

Deno.test("what is no file, and names that are not UTF-8, are left out with a word, and stay", async () => {
  using place = temporary();
  const made = "import os\nopen(b'bad\\xff', 'w').write('x'); os.mkfifo('pipe')";
  await new Deno.Command("python3", { args: ["-c", made], cwd: place.path }).output();
  const { code, stdout, stderr } = await exec([
    TOOL,
    `--dir=${place.path}::/w:rw`,
    "--",
    "list",
    "/w",
    "write",
    "/w/a",
    "x",
  ]);
  assertEquals([code, stdout], [0, ""]);
  assertEquals(stderr.split("\n").sort(), [
    "",
    'gvm: left out "bad\ufffd": its name is not UTF-8',
    'gvm: left out "pipe": it is no file, directory or link',
  ]);
  assertEquals([...Deno.readDirSync(place.path)].length, 3);
});

Deno.test("of many files that are left out, the first are named and the others counted", async () => {
  using place = temporary();
  await new Deno.Command("mkfifo", { args: Array.from({ length: 12 }, (_, i) => join(place.path, `p${i}`)) })
    .output();
  const { stderr } = await exec([TOOL, `--dir=${place.path}::/w`, "--", "list", "/w"]);
  const lines = stderr.trimEnd().split("\n");
  assertEquals([lines.length, lines.at(-1)], [11, "gvm: left out 2 more"]);
});

Deno.test("a write-back that fails is exit code 1, and names the module's", async () => {
  using place = temporary();
  const dir = `--dir=${place.path}::/w:rw`;
  await new Deno.Command("mkfifo", { args: [join(place.path, "pipe")] }).output();
  const write = ["write", "/w/a", "x", "write", "/w/pipe", "x"];
  const sentence =
    'BAD_ARGUMENTS: Cannot write back "pipe": something is there that the module did not see: ' +
    "it is no file, directory or link";
  const left = 'gvm: left out "pipe": it is no file, directory or link\n';
  const { code, stderr } = await exec([TOOL, dir, "--", ...write, "exit", "7"]);
  assertEquals([code, stderr], [1, `${left}${sentence}; the module exited with 7\n`]);
  const trapped = await exec([TOOL, dir, "--", ...write, "trap"]);
  assertEquals([trapped.code, trapped.stderr], [
    1,
    `${left}TRAP: tool.wasm trapped: unreachable\n${sentence}\n`,
  ]);
  assertEquals([...Deno.readDirSync(place.path)].map(({ name }) => name), ["pipe"]);
});

Deno.test("a directory that is only read is not written to, whatever was interrupted there", async () => {
  using place = temporary();
  const journal = ".gvm-0123456789abcdef.redo";
  Deno.writeTextFileSync(join(place.path, journal), "{}");
  const { code, stdout, stderr } = await exec([TOOL, `--dir=${place.path}::/w`, "--", "list", "/w"]);
  const told =
    `gvm: "${place.path}": a write-back was interrupted here; gvm exec --dir …:rw will finish it\n`;
  assertEquals([code, stdout, stderr], [0, "", told]);
  assertEquals([...Deno.readDirSync(place.path)].map(({ name }) => name), [journal]);
});

Deno.test("a trap and a time limit write back what was written by then", async () => {
  using place = temporary();
  const dir = `--dir=${place.path}::/w:rw`;
  const trap = await exec([TOOL, dir, "--", "write", "/w/a", "x", "trap"]);
  assertEquals([trap.code, trap.stderr], [1, "TRAP: tool.wasm trapped: unreachable\n"]);
  // One that waits ends by itself; one that computes ends with its executor, and the files with that.
  const waiting = commandLine("gvm", [
    "exec",
    "--timeout=300",
    dir,
    TOOL,
    "--",
    "write",
    "/w/b",
    "x",
    "copy",
  ]);
  const [program, ...args] = waiting;
  const child = new Deno.Command(program, {
    args,
    cwd: ROOT,
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  await child.stdin.close().catch(() => {});
  const limit = "TIME_LIMIT: The call ran longer than its time limit of 300 ms\n";
  assertEquals([code, stderr], [1, limit]);
  const spinning = await exec(["--timeout=300", dir, TOOL, "--", "write", "/w/c", "x", "spin"]);
  const gone =
    `EXECUTOR_RESTARTED: Cannot write back "${place.path}": the executor has ended, and the copy was in its memory\n`;
  assertEquals([spinning.code, spinning.stderr], [1, limit + gone]);
  assertEquals([...Deno.readDirSync(place.path)].map(({ name }) => name).sort(), ["a", "b"]);
});

Deno.test("a signal ends it, and what was written by then is written back", async () => {
  for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
    using place = temporary();
    const dir = `--dir=${place.path}::/w:rw`;
    const steps = ["write", "/w/out", "partial", "list", "/w", "copy"];
    const { child, output } = await startExec([dir, TOOL, "--", ...steps]);
    // As a service manager and a terminal do it: every process hears it.
    for (const pid of [...childrenOf(child.pid), child.pid]) Deno.kill(pid, signal);
    child.kill(signal);
    const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
    await Promise.all([output.cancel(), child.stdin.close().catch(() => {})]);
    assertEquals([code, stderr, Deno.readTextFileSync(join(place.path, "out"))], [expected, "", "partial"]);
  }
});

Deno.test("a guest that hears no signal is ended with what it wrote, and that is told", async () => {
  using place = temporary();
  const { child, output } = await startExec([
    `--dir=${place.path}::/w:rw`,
    TOOL,
    "--",
    "write",
    "/w/a",
    "x",
    "spin",
  ]);
  child.kill("SIGTERM");
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  await Promise.all([output.cancel(), child.stdin.close().catch(() => {})]);
  assertEquals([code, stderr], [
    143,
    `gvm: Cannot write back "${place.path}": the executor has ended, and the copy was in its memory\n`,
  ]);
  assertEquals([...Deno.readDirSync(place.path)], []);
});

Deno.test("where nobody reads its output any more, it writes back as well", async () => {
  using place = temporary();
  const args = ["exec", `--dir=${place.path}::/w:rw`, TOOL, "--", "write", "/w/a", "x", "copy"];
  const line = commandLine("gvm", args).map((word) => `'${word}'`).join(" ");
  const child = new Deno.Command("bash", {
    args: ["-c", `${line} | head -n 1; echo "\${PIPESTATUS[0]}"`],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  const text = `${"x".repeat(4095)}\n`; // as much as it reads at once
  let ended = false;
  const ending = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
    .finally(() => ended = true);
  // Nothing tells when `head` has ended; a line after that is one too many.
  await eventually("the end of the command", async () => {
    await input.write(new TextEncoder().encode(text)).catch(() => {});
    return ended;
  });
  assertEquals(await ending, [`${text}141\n`, ""]);
  await Promise.all([input.close().catch(() => {}), child.status]);
  assertEquals(Deno.readTextFileSync(join(place.path, "a")), "x");
});

/** Starts `gvm exec` and waits for its first output. */
async function startExec(args: string[]) {
  const [program, ...rest] = commandLine("gvm", ["exec", ...args]);
  const child = new Deno.Command(program, {
    args: rest,
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  })
    .spawn();
  const output = child.stdout.getReader();
  await within(PATIENCE, "the first output", output.read());
  return { child, output };
}

Deno.test("nothing outside of the directory can be reached or changed", async () => {
  using place = temporary();
  const host = join(place.path, "host");
  Deno.mkdirSync(host);
  Deno.writeTextFileSync(join(place.path, "secret"), "secret");
  Deno.symlinkSync("../secret", join(host, "out"));
  Deno.symlinkSync(place.path, join(host, "absolute"));
  const dir = `--dir=${host}::/work:rw`;
  for (
    const path of [
      "/work/out",
      "/work/../secret",
      "/work/absolute/secret",
      join(place.path, "secret"),
      "/etc/passwd",
    ]
  ) {
    for (const steps of [["read", path], ["write", path, "changed"], ["remove", `${path}/..`]]) {
      const { code, stdout } = await exec([TOOL, dir, "--", ...steps]);
      assert(code !== 0 || path === "/work/out", `${steps}`);
      assertEquals(stdout, "");
    }
  }
  const { code, stderr } = await exec([TOOL, dir, "--", "link", "../secret", "/work/planted"]);
  assertEquals([code, stderr], [
    0,
    'gvm: left out "planted": it is a link that leads out of the directory\n',
  ]);
  assertEquals(Deno.readTextFileSync(join(place.path, "secret")), "secret");
  assertEquals([...Deno.readDirSync(place.path)].map(({ name }) => name).sort(), ["host", "secret"]);
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
    [[join(ROOT, "examples/counter/counter.wasm")], /^FUNCTION_NOT_FOUND: .*it has no _start\n$/],
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
  for (const args of [[], [GREET, "more"], [GREET, "--dir=x"], [GREET, "--env=x"]]) {
    const { code, stderr } = await exec(args);
    assertEquals(code, 2);
    assertMatch(stderr, /^gvm: .*\nTry: gvm --help\n$/);
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
