// `gvm exec` and `gvm run` with a component for WASI 0.2: files, variables, streams, exit codes and signals are as for preview 1.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { childrenOf, isRunning } from "../harness.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { commandLine, eventually, GvmProcess, ROOT } from "../../tools/commands.ts";
import { exec, FIXTURES, temporary } from "./_exec.ts";
import { run, start } from "./_run.ts";

const TOOL = join(FIXTURES, "tool_component.wasm");
const PROGRAM = join(ROOT, "tests/gvm/fixtures/program_component.wasm");

Deno.test("gvm exec gives a component its arguments, variables and input, and exits with its code", async () => {
  assertEquals(await exec([TOOL, "--env", "A=x=y z", "--", "env", "A", "env", "HOME", "exit", "7"]), {
    code: 1, // a component succeeds or fails
    stdout: "x=y z\n(unset)\n",
    stderr: "",
  });
  const text = crypto.getRandomValues(new Uint8Array(65_536)).toHex();
  assertEquals(await exec([TOOL, "--", "copy"], { stdin: text }), { code: 0, stdout: text, stderr: "" });
});

Deno.test("a component's directory is a copy, unless it is to be written back", async () => {
  using place = temporary();
  const host = join(place.path, "host");
  Deno.mkdirSync(host);
  Deno.writeTextFileSync(join(host, "old"), "old");
  Deno.writeTextFileSync(join(host, "gone"), "gone");
  const steps = [
    ...["read", "/work/old", "write", "/work/old", "changed", "remove", "/work/gone"],
    ...["directory", "/work/sub", "write", "/work/sub/new", "new", "list", "/work"],
  ];
  assertEquals(await exec([TOOL, `--dir=${host}::/work:ro`, "--", ...steps]), {
    code: 0,
    stdout: "oldold\nsub\n",
    stderr: "",
  });
  assertEquals([...Deno.readDirSync(host)].map(({ name }) => name).sort(), ["gone", "old"]);
  assertEquals(Deno.readTextFileSync(join(host, "old")), "old");
  const { code } = await exec([TOOL, `--dir=${host}::/work:rw`, "--", ...steps, "exit", "1"]);
  assertEquals(code, 1);
  assertEquals([...Deno.readDirSync(host)].map(({ name }) => name).sort(), ["old", "sub"]);
  assertEquals(Deno.readTextFileSync(join(host, "old")), "changed");
  assertEquals(Deno.readTextFileSync(join(host, "sub/new")), "new");
});

Deno.test("a component that traps or runs too long leaves what it wrote by then", async () => {
  using place = temporary();
  for (const [end, message] of [["trap", /^TRAP: /], ["spin", /^TIME_LIMIT: /]] as const) {
    const args = [`--dir=${place.path}::/work:rw`, "--timeout=2s", "--", "write", "/work/left", end, end];
    const { code, stderr } = await exec([TOOL, ...args]);
    assertEquals([code, message.test(stderr)], [1, true], stderr);
    if (end === "trap") assertEquals(Deno.readTextFileSync(join(place.path, "left")), end);
  }
});

Deno.test("Ctrl-C ends a component with 130, and nothing is left", async () => {
  const [deno, ...args] = commandLine("gvm", ["exec", PROGRAM, "--", "talk"]);
  const child = new Deno.Command(deno, { args, cwd: ROOT, stdin: "piped", stdout: "piped", stderr: "piped" })
    .spawn();
  const output = child.stdout.getReader();
  await output.read(); // "one"
  const executors = childrenOf(child.pid);
  child.kill("SIGINT");
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  await Promise.all([output.cancel(), child.stdin.close().catch(() => {})]);
  assertEquals([code, stderr], [130, ""]);
  await eventually("the end of the executor", () => !executors.some(isRunning));
});

Deno.test("gvm run runs a component here and on another node, with its input and its exit code", async () => {
  await using daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  await gpmd.upload({ name: "program", version: "v0.0.1", module: Deno.readFileSync(PROGRAM) });
  await using _there = await GvmProcess.start(daemon.env, "there");
  for (const where of [[], ["--on", "there"]]) {
    const talked = await run(daemon, [...where, "program(talk)"], "some input\n");
    assertEquals(talked, { code: 0, stdout: "one\nsome input\nend\n", stderr: "" });
    assertEquals((await run(daemon, [...where, "program(exit, 5)"])).code, 1);
    const child = start(daemon, ...where, "program(talk)");
    const [input, output] = [child.stdin.getWriter(), child.stdout.getReader()];
    const next = async () => new TextDecoder().decode((await output.read()).value);
    assertEquals(await next(), "one\n");
    for (const piece of ["a\n", "b\n"]) {
      await input.write(new TextEncoder().encode(piece));
      assertEquals(await next(), piece);
    }
    await input.close();
    assertEquals([await next(), await next()], ["end\n", ""]);
    assertEquals([(await child.status).code, await new Response(child.stderr).text()], [0, ""]);
  }
});
