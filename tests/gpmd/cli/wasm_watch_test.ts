import { assert, assertEquals, assertMatch } from "@std/assert";
import { eventually, within } from "../../tools/commands.ts";
import { freePorts, startDaemon } from "../../tools/daemon_process.ts";
import { assertError, GPMD, gpmd } from "../../tools/gpmd_command.ts";
import { Network } from "../../tools/network.ts";
import { ADD_MODULE, moduleOf, storedFiles, temporaryHome } from "../_modules.ts";

/** `add` that subtracts. */
const SUB_MODULE = ADD_MODULE.map((byte, i) => i === ADD_MODULE.length - 2 ? 0x6b : byte);

const EMPTY = "warning: it has no _start to run, and exports no function to call";
const GONE = "GPMD is gone; the development version is published again when it is back.";

/** A watch, whose output is read line by line. */
class Watching implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #complaints: AsyncIterator<string>;

  constructor(env: Readonly<Record<string, string>>, ...args: string[]) {
    const all = [...GPMD, "wasm", "upload", "--watch", ...args];
    this.#child = new Deno.Command("deno", {
      args: all,
      env: { NO_COLOR: "1", ...env },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#lines = linesOf(this.#child.stdout);
    this.#complaints = linesOf(this.#child.stderr);
  }

  /** The next line of standard output. */
  line(): Promise<string | undefined> {
    return within(30_000, "a line", this.#lines.next().then(({ value }) => value));
  }

  /** The next line of standard error. */
  complaint(): Promise<string | undefined> {
    return within(30_000, "a complaint", this.#complaints.next().then(({ value }) => value));
  }

  /** Kills it, so that it can do nothing more. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }

  /** Ends it as Ctrl-C does, and tells its exit code. */
  async stop(): Promise<number> {
    this.#child.kill("SIGINT");
    return (await this.#child.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await Promise.all([this.#child.status, this.#lines.return?.(), this.#complaints.return?.()]);
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

/** A directory that is removed at the end. */
function directory(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "ghost-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

Deno.test("gpmd wasm upload --watch, with a daemon that runs", async (t) => {
  await using network = await Network.start();
  const { daemon } = network;
  const node = await network.node();

  await t.step(
    "--watch publishes every change as the latest version, which nodes call next, and takes it back",
    async () => {
      using place = directory();
      const file = `${place.path}/sum.wasm`;
      const calls = (expected: number) =>
        eventually(`${expected}`, async () => await node.call("sum.add", [7, 2]) === expected);
      await Deno.writeFile(file, ADD_MODULE);
      await network.upload("sum", "v0.1.0", ADD_MODULE);
      assertEquals(await node.call("sum.add", [7, 2]), 9);

      await using watch = new Watching(network.daemon.env, file);
      assertEquals(
        await watch.complaint(),
        `Watching "${file}"; Ctrl-C ends it and removes the development version.`,
      );
      assertEquals(await watch.line(), `Uploaded sum@v0.1.1-dev.1, ${ADD_MODULE.length} bytes`);

      await Deno.writeFile(file, SUB_MODULE); // in place
      assertEquals(await watch.line(), `Uploaded sum@v0.1.1-dev.2, ${SUB_MODULE.length} bytes`);
      await calls(5);

      await Deno.writeFile(file, SUB_MODULE); // the same bytes are no change
      await Deno.writeTextFile(file, "not wasm");
      assert((await watch.complaint())?.startsWith("NOT_A_MODULE: "));
      await calls(5);

      await Deno.writeFile(`${file}.new`, ADD_MODULE); // as a compiler that replaces the file
      await Deno.rename(`${file}.new`, file);
      assertEquals(await watch.line(), `Uploaded sum@v0.1.1-dev.3, ${ADD_MODULE.length} bytes`);
      await calls(9);
      await eventually("one development version", async () => {
        const sum = (await network.gpmd.list()).find(({ name }) => name === "sum");
        return sum?.versions.join() === "v0.1.0,v0.1.1-dev.3";
      });

      assertEquals(await watch.stop(), 130);
      assertEquals(await watch.complaint(), "Removed sum@v0.1.1-dev.3");
      const sum = (await network.gpmd.list()).find(({ name }) => name === "sum");
      assertEquals(sum?.versions, ["v0.1.0"]);
    },
  );

  await t.step("a development version ends with its watch, however that ends", async () => {
    using place = directory();
    const file = `${place.path}/total.wasm`;
    await network.upload("total", "v0.1.0", ADD_MODULE);
    await Deno.writeFile(file, SUB_MODULE);
    const versions = async () => (await network.gpmd.list()).find(({ name }) => name === "total")?.versions;
    await using watch = new Watching(network.daemon.env, file);
    await watch.complaint(); // "Watching"
    assertEquals(await watch.line(), `Uploaded total@v0.1.1-dev.1, ${SUB_MODULE.length} bytes`);
    assertEquals([await versions(), await node.call("total.add", [7, 2])], [["v0.1.0", "v0.1.1-dev.1"], 5]);
    // It is on no list that lasts.
    const index = Deno.readTextFileSync(`${network.daemon.settings.home}/modules/ghost.modules.json`);
    assertEquals(Object.keys(JSON.parse(index).modules.total.versions), ["v0.1.0"]);
    await watch.kill();
    await eventually("its end", async () => (await versions())?.join() === "v0.1.0");
    await eventually("the version before", async () => await node.call("total.add", [7, 2]) === 9);
    const files = () => storedFiles(network.daemon.settings.home);
    await eventually("the end of its file", () => !files().includes("total-v0.1.1-dev.1.wasm"));
  });

  await t.step(
    "--watch waits for a file that is not there yet, leads to the version given, prints JSON",
    async () => {
      using place = directory();
      const file = `${place.path}/later-v2.0.0.wasm`;
      await using watch = new Watching(daemon.env, "--json", file);
      await watch.complaint(); // "Watching"
      assert((await watch.complaint())?.startsWith("BAD_ARGUMENTS: "));
      await Deno.writeFile(file, moduleOf(100));
      const { name, version, sizeBytes, unchanged, warnings } = JSON.parse(await watch.line() ?? "");
      assertEquals([name, version, sizeBytes, unchanged], ["later", "v2.0.0-dev.1", 100, false]);
      assertMatch(warnings.join(), /^it has no _start to run, and exports no function to call$/);
      assertEquals(await watch.stop(), 130);
    },
  );

  await t.step(
    "--watch goes with one file and a semantic version, and needs GPMD and a directory",
    async () => {
      const watch = (...args: string[]) => gpmd(daemon.env, "wasm", "upload", "--watch", ...args);
      const messages: [message: string, ...args: string[]][] = [
        ["needs --file"],
        ["--watch goes with one file", "a.wasm", "b.wasm"],
      ];
      for (const [message, ...args] of messages) {
        const { code, stderr } = await watch(...args);
        assertEquals(code, 2);
        assert(stderr.includes(message), stderr);
      }
      assertError(await watch("/nowhere/a.wasm"), "BAD_ARGUMENTS");
      assertError(await watch("A.wasm"), "INVALID_NAME");
      assertError(await watch("--version=build-9", "a.wasm"), "INVALID_NAME");
      const elsewhere = { ...daemon.env, GHOST_COMMAND_PORT: "1" };
      assertError(await gpmd(elsewhere, "wasm", "upload", "--watch", "a.wasm"), "GPMD_NOT_RUNNING");
    },
  );
});

Deno.test("--watch goes on when GPMD was started anew", async () => {
  using home = temporaryHome();
  using place = directory();
  const settings = { home: home.home, ...freePorts() };
  const file = `${place.path}/m.wasm`;
  await Deno.writeFile(file, moduleOf(100));
  const daemon = await startDaemon(settings);
  await using watch = new Watching(daemon.env, file);
  await watch.complaint(); // "Watching"
  assertEquals(await watch.line(), "Uploaded m@v0.0.1-dev.1, 100 bytes");
  assertEquals(await watch.complaint(), EMPTY); // and not again later
  await daemon[Symbol.asyncDispose]();
  assertEquals(await watch.complaint(), GONE);
  // In one step: a file that is read while it is written is complained of, too.
  await Deno.writeFile(`${file}.new`, moduleOf(101));
  await Deno.rename(`${file}.new`, file);
  assertMatch(await watch.complaint() ?? "", /^GPMD_NOT_RUNNING: /);
  await using again = await startDaemon(settings);
  assertEquals(await watch.line(), "Uploaded m@v0.0.1-dev.2, 101 bytes");
  assertEquals(await watch.stop(), 130);
  await using gpmd = await again.connect();
  assertEquals(await gpmd.list(), []);
});

Deno.test("a development version does not outlive a GPMD that was killed, and its watch publishes it again", async () => {
  using home = temporaryHome();
  using place = directory();
  const settings = { home: home.home, ...freePorts() };
  const file = `${place.path}/m.wasm`;
  await Deno.writeFile(file, moduleOf(100));
  const daemon = await startDaemon(settings);
  const killed = new Watching(daemon.env, "--name=killed", file);
  await using watch = new Watching(daemon.env, file);
  await Promise.all([killed.complaint(), watch.complaint()]); // "Watching"
  assertEquals(await killed.line(), "Uploaded killed@v0.0.1-dev.1, 100 bytes");
  assertEquals(await watch.line(), "Uploaded m@v0.0.1-dev.1, 100 bytes");
  assertEquals(await watch.complaint(), EMPTY); // and not again later
  await killed[Symbol.asyncDispose]();
  Deno.kill(daemon.pid, "SIGKILL");
  await daemon[Symbol.asyncDispose]();
  assertEquals(await watch.complaint(), GONE);
  assert(storedFiles(home.home).includes("m-v0.0.1-dev.1.wasm"));
  await using again = await startDaemon(settings);
  assertEquals(await watch.line(), "Uploaded m@v0.0.1-dev.2, 100 bytes");
  await using gpmd = await again.connect();
  assertEquals(await gpmd.list(), [{ name: "m", versions: ["v0.0.1-dev.2"], latest: "v0.0.1-dev.2" }]);
  assertEquals(storedFiles(home.home).filter((name) => name.endsWith(".wasm")), ["m-v0.0.1-dev.2.wasm"]);
  assertEquals(await watch.stop(), 130);
});
