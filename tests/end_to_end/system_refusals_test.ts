/**
 * What the commands say when the system refuses what they need: a code, an exit code and one line, which never says `INTERNAL`,
 * never tells anybody to permit more, and has no stack trace.
 */
import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { commandLine, GvmProcess, PATIENCE, ROOT } from "../tools/commands.ts";
import { freePorts, startDaemon, variables } from "../tools/daemon_process.ts";
import { ownDenoDirectory } from "../tools/deno_dir.ts";
import { canMount } from "../tools/mounts.ts";

const GREET = `${ROOT}examples/greet/greet.wasm`;
/** Longer than any system takes, each of its names as long as one may be. */
const LONG_PATH = `/tmp/${"x".repeat(199)}`.padEnd(4200, `/${"x".repeat(199)}`);

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command after the lines of shell in `before`; one that waits for ever is killed, and fails. */
async function run(
  command: "gpmd" | "gvm",
  args: readonly string[],
  { before = "", env = {}, clearEnv = false }: {
    before?: string;
    env?: Record<string, string>;
    clearEnv?: boolean;
  } = {},
): Promise<Outcome> {
  const [, ...rest] = commandLine(command, args);
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", `${before}\nexec "$@"`, "sh", Deno.execPath(), ...rest],
    env: { NO_COLOR: "1", ...env },
    clearEnv,
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(PATIENCE),
  });
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** One line with the code and the reason. */
function assertRefused({ code, stdout, stderr }: Outcome, expected: RegExp, what: string): void {
  assertEquals([code, stdout], [1, ""], `${what}: ${stderr}`);
  assertPlain(stderr, what);
  assertMatch(stderr, expected, what);
}

function assertPlain(text: string, what: string): void {
  assertFalse(/INTERNAL|--allow|os error|\n\s+at |Uncaught/.test(text), `${what}: ${text}`);
  assertEquals(text.trimEnd().split("\n").length, 1, `${what}: ${text}`);
}

/** A directory with one of everything that is no regular file of a module's size. */
class Zoo implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "ghost-refused-" });
  readonly #socket: Deno.Listener;

  constructor() {
    const { path } = this;
    Deno.mkdirSync(`${path}/directory`);
    Deno.writeTextFileSync(`${path}/file`, "");
    Deno.symlinkSync("loop", `${path}/loop`);
    Deno.writeTextFileSync(`${path}/large`, "");
    Deno.truncateSync(`${path}/large`, 2 ** 40); // takes no room
    assert(new Deno.Command("mkfifo", { args: [`${path}/pipe`] }).outputSync().success);
    this.#socket = Deno.listen({ transport: "unix", path: `${path}/socket` });
  }

  [Symbol.dispose](): void {
    this.#socket.close();
    Deno.removeSync(this.path, { recursive: true });
  }
}

Deno.test("a store where none can be: every command names why", async () => {
  using zoo = new Zoo();
  const nowhere = "Deno lets no program read or write there";
  const noDirectory = "(it is not a directory|a file is where a directory should be)";
  const cases: [home: string, reason: string][] = [
    ["/proc/x", nowhere],
    ["/dev/null", `(it is not a directory|${nowhere})`],
    [LONG_PATH, "its path is longer than the system takes"],
    [`${zoo.path}/file`, noDirectory],
    [`${zoo.path}/file/x`, noDirectory],
    [`${zoo.path}/pipe`, noDirectory],
    [`${zoo.path}/loop`, "(it is a symbolic link|its symbolic links lead in a circle)"],
  ];
  const commands = [["gpmd", "start"], ["gpmd", "logs", "-f"], ["gvm", "run", "math.add(1,2)"]] as const;
  for (const [home, reason] of cases) {
    const outcomes = await Promise.all(commands.map(([command, ...args]) => {
      return run(command, [...args, `--home=${home}`], { env: variables({ home, ...freePorts() }) });
    }));
    for (const [index, outcome] of outcomes.entries()) {
      assertRefused(
        outcome,
        new RegExp(`^STORE_FAULT: Cannot .*: ${reason}\n$`),
        `${commands[index]} ${home}`,
      );
      assert(outcome.stderr.length < 500, "a long path is not shown whole");
    }
  }
});

Deno.test("what the system refuses on a device whose GPMD runs", async (t) => {
  await using daemon = await startDaemon();

  await t.step(
    "a file that is none: wasm upload, gvm exec and .load refuse it at once, and the node goes on",
    async () => {
      using zoo = new Zoo();
      const { env } = daemon;
      await using node = await GvmProcess.start(env, "here");
      const cases: [path: string, refusal: string][] = [
        ["/dev/stdin", 'BAD_ARGUMENTS: Cannot .* ".*": Deno lets no program read or write there'],
        ["/dev/zero", 'BAD_ARGUMENTS: Cannot .* ".*": it is not a regular file'],
        [`${zoo.path}/pipe`, 'BAD_ARGUMENTS: Cannot .* ".*": it is not a regular file'],
        [`${zoo.path}/socket`, 'BAD_ARGUMENTS: Cannot .* ".*": it is not a regular file'],
        [`${zoo.path}/directory`, 'BAD_ARGUMENTS: Cannot .* ".*": it is a directory'],
        [`${zoo.path}/loop`, 'BAD_ARGUMENTS: Cannot .* ".*": its symbolic links lead in a circle'],
        [
          `${zoo.path}/large`,
          `PAYLOAD_TOO_LARGE: Cannot .* ".*": it has ${2 ** 40} bytes, and may have \\d+`,
        ],
      ];
      for (const [path, refusal] of cases) {
        const [uploaded, executed] = await Promise.all([
          run("gpmd", ["wasm", "upload", "--name=x", "--version=v0.0.1", `--file=${path}`], { env }),
          run("gvm", ["exec", path]),
        ]);
        assertRefused(uploaded, new RegExp(`^${refusal}\n$`), `upload ${path}`);
        assertRefused(executed, new RegExp(`^${refusal}\n$`), `exec ${path}`);
        assertMatch(await node.fail(`.load "${path}"`), new RegExp(`^${refusal}$`));
      }
      assertEquals(await node.ask("Node.discover()"), ["here"]);
    },
  );

  await t.step("--watch names a file that is none, and waits for one", async () => {
    using zoo = new Zoo();
    const [program, ...args] = commandLine("gpmd", [
      ...["wasm", "upload", "--watch", "--name=greet", `--file=${zoo.path}/pipe`],
    ]);
    const child = new Deno.Command(program, {
      args,
      env: { NO_COLOR: "1", ...daemon.env },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    try {
      const errors = child.stderr.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>);
      let text = "";
      for await (const chunk of errors) {
        text += chunk;
        if (!text.includes("regular file")) continue;
        Deno.removeSync(`${zoo.path}/pipe`);
        Deno.copyFileSync(GREET, `${zoo.path}/pipe`);
        break;
      }
      assertMatch(text, /\nBAD_ARGUMENTS: Cannot upload ".*pipe": it is not a regular file\n$/);
      const output = child.stdout.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>);
      for await (const chunk of output) {
        assertMatch(chunk, /^Uploaded greet@/);
        break;
      }
    } finally {
      clearTimeout(timer);
      child.kill("SIGKILL");
      await child.status;
    }
  });

  await t.step("standard input that cannot be read", async () => {
    const [, ...rest] = commandLine("gvm", []);
    const { code, stderr } = await new Deno.Command("/bin/sh", {
      args: ["-c", 'exec "$@" < /', "sh", Deno.execPath(), ...rest],
      env: { NO_COLOR: "1", ...daemon.env },
      cwd: ROOT,
    }).output();
    assertEquals(code, 1);
    const lines = new TextDecoder().decode(stderr).split("\n");
    assertEquals(lines.slice(1), ["BAD_ARGUMENTS: Cannot read standard input: it is a directory", ""]);
  });
});

Deno.test("no home, and no deno on the PATH", async () => {
  using zoo = new Zoo();
  const HOME = Deno.env.get("HOME") ?? "";
  // Deno itself looks for what it has cached where HOME says.
  const cache = { DENO_DIR: Deno.env.get("DENO_DIR") ?? `${HOME}/.cache/deno`, NO_COLOR: "1" };
  const nowhere = /^BAD_ARGUMENTS: Cannot find the store: neither GHOST_HOME nor HOME is set\n$/;
  for (const [command, args] of [["gvm", ["run", "Node.discover()"]], ["gpmd", ["status"]]] as const) {
    assertRefused(await run(command, [...args], { env: cache, clearEnv: true }), nowhere, command);
  }

  const env = { ...variables({ home: `${zoo.path}/home`, ...freePorts() }), PATH: "/nonexistent" };
  const noDeno = (what: string) =>
    new RegExp(`^BAD_ARGUMENTS: Cannot start ${what}: there is no program "deno" on the PATH\n$`);
  assertRefused(await run("gpmd", ["start"], { env }), noDeno("GPMD"), "gpmd start");
  assertRefused(await run("gpmd", ["start", "-nd"], { env }), noDeno("GPMD"), "gpmd start -nd");
  assertRefused(await run("gvm", ["exec", GREET], { env }), noDeno("an executor"), "gvm exec");

  // What comes first on the PATH is called deno, and is none, or another one.
  const path = `${zoo.path}/directory`;
  const others = [["echo no", "is not Deno"], [
    'echo "deno 1.0.0"',
    `is Deno 1.0.0, not ${Deno.version.deno}`,
  ]];
  for (const [script, wrong] of others) {
    Deno.writeTextFileSync(`${path}/deno`, `#!/bin/sh\n${script}\nexit 3\n`, { mode: 0o755 });
    const stranger = (what: string) =>
      new RegExp(
        `^BAD_ARGUMENTS: Cannot start ${what}: the program "deno" that comes first on the PATH ${wrong}\n$`,
      );
    const strange = { ...env, PATH: path };
    assertRefused(await run("gpmd", ["start"], { env: strange }), stranger("GPMD"), "gpmd start");
    const { code, stderr } = await run("gvm", ["exec", GREET], { env: strange });
    assertEquals(code, 1);
    assertMatch(stderr, stranger("an executor"));
  }
});

Deno.test("what the system has no more of", async (t) => {
  using deno = await ownDenoDirectory();

  await t.step(
    "a process that may open few files says so, unless Deno itself does not start with as few",
    async () => {
      const { env } = deno;
      const expected = /^RESOURCE_EXHAUSTED: Cannot start an executor: this process has as many files open/;
      // How many Deno itself needs depends on what it has found open. Seven refusals take the executor from no process to one that
      // cannot take a connection; with a few more it is silent for seconds.
      const said: string[] = [];
      for (let files = 16; files <= 40 && said.length < 7; files++) {
        const { code, stderr } = await run("gvm", ["exec", GREET], { before: `ulimit -n ${files}`, env });
        // A panic, or an error of Deno's own, comes before the first line of the command.
        if (code === 0 || stderr.includes("Deno has panicked") || stderr.startsWith("error: ")) continue;
        assertEquals(code, 1, stderr);
        assertPlain(stderr, `with ${files} files`);
        said.push(stderr);
      }
      assert(said.some((text) => expected.test(text)), `${said}`);
    },
  );

  await t.step(
    "a store that may not be written, on a disk that is read-only or full, or in files of no size",
    async () => {
      using zoo = new Zoo();
      const home = `${zoo.path}/directory/home`;
      const env = { ...variables({ home, ...freePorts() }), ...deno.env };
      const cases: [before: string, reason: string][] = [["trap '' XFSZ; ulimit -f 0", "file too large"]];
      if (canMount()) {
        const inside = (options: string) => `mount -t tmpfs -o ${options} tmpfs "${zoo.path}/directory"`;
        cases.push([inside("ro"), "the disk is read-only"], [inside("nr_inodes=1"), "the disk is full"]);
      } else {
        console.log("Not tried: a disk that is read-only, or full, for no process may mount one here");
      }
      if (Deno.uid() !== 0) cases.push([`chmod 500 "${zoo.path}/directory"`, "you may not use it"]);
      for (const [before, reason] of cases) {
        const wrapped = before.startsWith("mount");
        const outcome = await (wrapped ? runMounted(before, env) : run("gpmd", ["start"], { before, env }));
        assertRefused(outcome, new RegExp(`^STORE_FAULT: Cannot open the store ".*": ${reason}\n$`), before);
      }
    },
  );
});

/** `gpmd start` with mounts of its own. */
async function runMounted(mount: string, env: Record<string, string>): Promise<Outcome> {
  const [, ...rest] = commandLine("gpmd", ["start"]);
  const { code, stdout, stderr } = await new Deno.Command("unshare", {
    args: ["-rm", "/bin/sh", "-c", `${mount}\nexec "$@"`, "sh", Deno.execPath(), ...rest],
    env: { NO_COLOR: "1", ...env },
    cwd: ROOT,
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
