// The standard streams of `gvm exec`: what they are, that all is written, and what happens where it cannot be.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { childrenOf, isRunning, processorTime, residentMegabytes } from "../harness.ts";
import { commandLine, eventually, ROOT } from "../../tools/commands.ts";

const FIXTURES = join(ROOT, "tests/gvm/fixtures");
const PROGRAM = join(FIXTURES, "program.wasm");

/** `gvm exec`, and other commands, as a shell has them. */
function quoted(command: "gpmd" | "gvm", ...args: string[]): string {
  return commandLine(command, args).map((word) => `'${word}'`).join(" ");
}

/** Runs a line of a shell: what it wrote, and its exit code. */
async function shell(line: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { NO_COLOR: "1" };
  const { code, stdout, stderr } = await new Deno.Command("bash", { args: ["-c", line], env }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("one write of two megabytes is written whole", async () => {
  const exec = quoted("gvm", "exec", join(FIXTURES, "write_once.wasm"));
  assertEquals(await shell(`${exec} | wc -c; exit \${PIPESTATUS[0]}`), {
    code: 2,
    stdout: "2097152\n",
    stderr: "",
  });
});

Deno.test("files and pipes are no terminals", async () => {
  const exec = quoted("gvm", "exec", PROGRAM, "--", "terminals");
  assertEquals((await shell(`${exec} < /dev/null | cat`)).stdout, "terminals:\n");
});

Deno.test("millions of bytes of standard input come out as they went in", async () => {
  const exec = quoted("gvm", "exec", join(ROOT, "bench/modules/streams.wasm"), "--", "copy");
  const digest = "sha256sum | cut -c 1-64";
  const input = `head -c 5000000 <(yes 'forty-two bytes of some text or other')`;
  const { stdout } = await shell(`${input} | ${exec} | ${digest}; ${input} | ${digest}`);
  const [first, second] = stdout.trim().split("\n");
  assertEquals(first, second);
});

Deno.test("an exit code of which eight bits are none is no success", async () => {
  const codes = await Promise.all(
    ["256", "257", "4294967295"].map(async (code) =>
      (await shell(quoted("gvm", "exec", PROGRAM, "--", "exit", code))).code
    ),
  );
  assertEquals(codes, [255, 1, 255]);
});

Deno.test("a full device is named, by every command, and the module is ended", async () => {
  const full = {
    code: 1,
    stdout: "",
    stderr: "BAD_ARGUMENTS: Cannot write to standard output: the disk is full\n",
  };
  for (
    const line of [
      quoted("gvm", "exec", PROGRAM, "--", "lines", "1000000000"),
      quoted("gvm", "exec", PROGRAM, "--", "lines", "1"), // which is over when that is found out
      quoted("gvm", "--help"),
      quoted("gpmd", "--help"),
    ]
  ) {
    assertEquals(await shell(`${line} > /dev/full`), full);
    assertEquals((await shell(`${line} > /dev/full 2> /dev/full`)).code, 1);
  }
});

Deno.test("a stream that another process told not to wait is waited for", async () => {
  const exec = commandLine("gvm", ["exec", join(FIXTURES, "write_once.wasm")]);
  const script = `
import os, subprocess, sys
reading, writing = os.pipe()
os.set_blocking(writing, False)
child = subprocess.Popen(sys.argv[1:], stdout=writing)
os.close(writing)
length = 0
while piece := os.read(reading, 4096): length += len(piece)
print(length, child.wait())
`;
  const { stdout } = await new Deno.Command("python3", { args: ["-c", script, ...exec] }).output();
  assertEquals(new TextDecoder().decode(stdout), "2097152 2\n");
});

Deno.test("a reader that does not read costs no memory, and neither does its program go on", async () => {
  const [deno, ...args] = commandLine("gvm", ["exec", PROGRAM, "--", "lines", "4000000000"]);
  const child = new Deno.Command(deno, { args, stdin: "null", stdout: "piped", stderr: "null" }).spawn();
  const output = child.stdout.getReader();
  await output.read();
  const [executor] = childrenOf(child.pid);
  const both = [child.pid, executor!];
  // Once everything on the way is full, neither process has anything to do.
  let before = -1;
  await eventually("rest", async () => {
    const used = both.reduce((sum, pid) => sum + processorTime(pid), 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const rests = used === before;
    before = used;
    return rests;
  });
  for (const pid of both) assert(residentMegabytes(pid) < 150, `${residentMegabytes(pid)} MB`);
  child.kill("SIGTERM");
  await Promise.all([child.status, output.cancel()]);
  await eventually("the end of the executor", () => !isRunning(executor!));
});
