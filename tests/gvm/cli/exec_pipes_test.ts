// `gvm exec` between files and pipes, which its executor reads and writes itself: every byte, no byte too many, and its end.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { childrenOf, isRunning } from "../harness.ts";
import { commandLine, eventually, ROOT } from "../../tools/commands.ts";
import { temporary } from "./_exec.ts";

const FIXTURES = join(ROOT, "tests/gvm/fixtures");
const PROGRAM = join(FIXTURES, "program.wasm");
const COPY = [join(ROOT, "bench/modules/streams.wasm"), "--", "copy"];

/** `gvm exec` as a shell has it. */
function quoted(...args: string[]): string {
  return commandLine("gvm", ["exec", ...args]).map((word) => `'${word}'`).join(" ");
}

/** Runs a script of a shell: what it wrote, and its exit code. */
async function shell(
  script: string,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { NO_COLOR: "1" };
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", script, "bash", ...args],
    env,
  })
    .output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Starts `gvm exec` with pipes, and waits for what it writes first. */
async function start(
  ...args: string[]
): Promise<{ child: Deno.ChildProcess; executor: number; first: string }> {
  const [deno, ...rest] = commandLine("gvm", ["exec", ...args]);
  const child = new Deno.Command(deno, { args: rest, stdin: "piped", stdout: "piped", stderr: "null" })
    .spawn();
  const output = child.stdout.getReader();
  const { value } = await output.read();
  output.releaseLock();
  return { child, executor: childrenOf(child.pid)[0]!, first: new TextDecoder().decode(value) };
}

/** Around what a pipe holds, and around what is read at a time. */
const SIZES = [0, 65_537, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 6_000_000];

Deno.test("what goes in comes out, of every size, out of a file and out of a pipe", async () => {
  using directory = temporary();
  const file = join(directory.path, "input");
  const copy = quoted(...COPY);
  for (const size of SIZES) {
    const script = `head -c ${size} /dev/urandom > "$1"
      sha256sum < "$1"; cat "$1" | ${copy} | sha256sum; ${copy} < "$1" > "$1.out"; sha256sum < "$1.out"`;
    const { stdout } = await shell(script, file);
    const [expected, ...digests] = stdout.trim().split("\n");
    assertEquals(digests, [expected, expected], `${size} bytes`);
  }
  assertEquals(await shell(`${copy} < /dev/null`), { code: 0, stdout: "", stderr: "" });
});

Deno.test("what comes slowly goes on at once, piece by piece", async () => {
  const { child, first } = await start(PROGRAM, "--", "talk");
  assertEquals(first, "one\n");
  const input = child.stdin.getWriter();
  const output = child.stdout.getReader();
  for (let piece = 0; piece < 20; piece++) {
    await input.write(new TextEncoder().encode(`piece ${piece}\n`));
    assertEquals(new TextDecoder().decode((await output.read()).value), `piece ${piece}\n`);
  }
  await input.close();
  assertEquals(new TextDecoder().decode((await output.read()).value), "end\n");
  assertEquals([(await output.read()).done, (await child.status).code], [true, 0]);
});

Deno.test("a socket that brings megabytes and then waits for its answer gets it", async () => {
  const script = `
import socket, subprocess, sys, threading
for length in (1 << 21, 1 << 22, (1 << 22) + (1 << 16), 3_000_000):
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 25)
    child = subprocess.Popen(sys.argv[1:], stdin=theirs, stdout=subprocess.PIPE)
    for _ in range(3):
        threading.Thread(target=ours.sendall, args=(b"x" * length,)).start()
        got = 0
        while got < length: got += len(child.stdout.read1(length - got))
        print(length == got, end=" ")
    ours.close()
    theirs.close()
    child.wait()
`;
  const exec = commandLine("gvm", ["exec", ...COPY]);
  const { stdout, stderr } = await new Deno.Command("python3", { args: ["-c", script, ...exec] }).output();
  assertEquals([new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)], [
    "True ".repeat(12),
    "",
  ]);
});

Deno.test("what the module does not ask for stays for others", async () => {
  const exec = quoted(PROGRAM, "--", "lines", "1");
  const { stdout } = await shell(`printf 'one\\ntwo\\n' | { ${exec}; cat; }`);
  assertEquals(stdout, "a line\none\ntwo\n");
});

Deno.test("where both outputs are one file, they come in order", async () => {
  const { stdout } = await shell(`${quoted(join(FIXTURES, "alternate.wasm"))} 2>&1`);
  assertEquals(stdout, "oe".repeat(1000));
});

Deno.test("an input that cannot be read ends the run by name", async () => {
  assertEquals(await shell(`${quoted(...COPY)} < /`), {
    code: 1,
    stdout: "",
    stderr: "BAD_ARGUMENTS: Cannot read standard input: it is a directory\n",
  });
});

Deno.test("a reader that leaves early ends it without a word", async () => {
  const { stdout, stderr } = await shell(
    `${quoted(...COPY)} < /dev/zero | head -c 3000000 | wc -c; echo "\${PIPESTATUS[*]}"`,
  );
  assertEquals([stdout, stderr], ["3000000\n141 0 0\n", ""]);
});

const KEPT = {
  "waits for input": ["talk"],
  "keeps the thread": ["loop"],
  "waits for a reader": ["lines", "4000000000"],
};

for (const [state, args] of Object.entries(KEPT)) {
  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    Deno.test(`${signal} at gvm leaves nothing behind of a module that ${state}`, async () => {
      const { child, executor } = await start(PROGRAM, "--", ...args);
      if (args[0] === "loop") {
        const input = child.stdin.getWriter();
        await input.write(new Uint8Array(1));
        input.releaseLock();
      }
      child.kill(signal);
      const { code } = await child.status;
      assertEquals(code, signal === "SIGKILL" ? 137 : 143);
      await eventually("the end of the executor", () => !isRunning(executor));
      await Promise.allSettled([child.stdin.close(), child.stdout.cancel()]);
    });
  }
}
