import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { childrenOf, processorTime } from "../harness.ts";
import { commandLine, eventually, PATIENCE, ROOT, within } from "../../tools/commands.ts";
import { exec, temporary, TOOL } from "./_exec.ts";

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
  const notKept = (where: string) =>
    `gvm: changes in ${where} were not kept; to keep them, give --dir HOST::GUEST:rw\n`;
  assertEquals(copied, { code: 0, stdout: "oldold\nsub\n", stderr: notKept('"/work" and "/other"') });
  assertEquals([...Deno.readDirSync(host)].map(({ name }) => name).sort(), ["gone", "old"]);
  assertEquals(Deno.readTextFileSync(join(host, "old")), "old");
  const { stderr } = await exec([TOOL, `--dir=${host}::/work:rw`, `--dir=${other}::/other`, "--", ...steps]);
  assertEquals(stderr, notKept('"/other"'));
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
    'gvm: left out "pipe": it is not a file, directory or link',
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
    "it is not a file, directory or link";
  const left = 'gvm: left out "pipe": it is not a file, directory or link\n';
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

Deno.test("a guest that waits on a machine with no time for it hears the signal late, and is not taken for one that computes", async () => {
  using place = temporary();
  const steps = ["write", "/w/out", "partial", "list", "/w", "copy"];
  const { child, output } = await startExec([`--dir=${place.path}::/w:rw`, TOOL, "--", ...steps]);
  const [executor] = childrenOf(child.pid);
  Deno.kill(executor!, "SIGSTOP");
  child.kill("SIGINT");
  // Longer than one that keeps the thread is let go on.
  await new Promise((resolve) => setTimeout(resolve, 600));
  Deno.kill(executor!, "SIGCONT");
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  await Promise.all([output.cancel(), child.stdin.close().catch(() => {})]);
  assertEquals([code, stderr, Deno.readTextFileSync(join(place.path, "out"))], [130, "", "partial"]);
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
  // A guest that writes may wait once, and would hear the signal then: one that has computed since does not.
  const [executor] = childrenOf(child.pid);
  const used = processorTime(executor!);
  await eventually("a guest that computes", () => processorTime(executor!) > used + 300);
  child.kill("SIGTERM");
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  await Promise.all([output.cancel(), child.stdin.close().catch(() => {})]);
  assertEquals([code, stderr], [
    143,
    `gvm: Cannot write back "${place.path}": the executor has ended, and the copy was in its memory\n`,
  ]);
  assertEquals([...Deno.readDirSync(place.path)], []);
});

Deno.test("Ctrl-C twice ends the wait for another gvm at the directory; else it goes on when that is done", async () => {
  for (const hurried of [true, false]) {
    using place = temporary();
    const dir = `--dir=${place.path}::/w:rw`;
    const { child, output } = await startExec([
      dir,
      TOOL,
      "--",
      "write",
      "/w/out",
      "x",
      "list",
      "/w",
      "copy",
    ]);
    using other = Deno.openSync(place.path);
    other.lockSync(false);
    const said = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
    child.kill("SIGINT");
    let stderr = (await within(PATIENCE, "the notice", said.read())).value;
    assertEquals(stderr, `gvm: waiting for another gvm that has "${place.path}"\n`);
    if (hurried) child.kill("SIGINT");
    else other.unlockSync();
    const { code } = await within(PATIENCE, "the end", child.status);
    stderr = (await said.read()).value;
    const nothing = "gvm: nothing was written back: another gvm has the directory\n";
    const written = [...Deno.readDirSync(place.path)].map(({ name }) => name);
    assertEquals([code, stderr, written], hurried ? [130, nothing, []] : [130, undefined, ["out"]]);
    await Promise.all([said.cancel(), output.cancel(), child.stdin.close().catch(() => {})]);
  }
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
  const outside = ["/work/../secret", "/work/absolute/secret", join(place.path, "secret"), "/etc/passwd"];
  const attempts = ["/work/out", ...outside].flatMap((
    path,
  ) => [["read", path], ["write", path, "changed"], ["remove", `${path}/..`]]);
  const tried = await exec([TOOL, dir, "--", "try", ...attempts.flat()]);
  assertEquals([tried.code, tried.stdout], [0, ""], "nothing was read");
  const failed = tried.stderr.split("\n").map((line) => line.slice(0, line.lastIndexOf(": ")));
  for (const path of outside) {
    const failures = failed.filter((one) => one === path || one === `${path}/..`);
    assertEquals(failures, [path, path, `${path}/..`], tried.stderr);
  }
  assertEquals((await exec([TOOL, dir, "--", "read", "/etc/passwd"])).code, 1);
  const { code, stderr } = await exec([TOOL, dir, "--", "link", "../secret", "/work/planted"]);
  assertEquals([code, stderr], [
    0,
    'gvm: left out "planted": it is a link that leads out of the directory\n',
  ]);
  assertEquals(Deno.readTextFileSync(join(place.path, "secret")), "secret");
  assertEquals([...Deno.readDirSync(place.path)].map(({ name }) => name).sort(), ["host", "secret"]);
});
