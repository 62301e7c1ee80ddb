/** What bad input gets, at the commands as a user types them: a code and a sentence, an exit status, and all else goes on. */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { GvmProcess, ROOT, runCommand } from "../tools/commands.ts";
import { freePorts, startDaemon, variables } from "../tools/daemon_process.ts";
import { readModule } from "../tools/network.ts";

Deno.test("what is refused while a daemon and a node run", async (t) => {
  await using daemon = await startDaemon();

  await t.step(
    "uploads that cannot be: code, sentence, exit 1, nothing stored, and nodes go on",
    async () => {
      const { env } = daemon;
      const directory = await Deno.makeTempDir({ prefix: "ghost-bad-" });
      try {
        const math = readModule("math");
        const file = (name: string, bytes: Uint8Array) => {
          Deno.writeFileSync(join(directory, name), bytes);
          return join(directory, name);
        };
        const good = file("math.wasm", math);
        const upload = (name: string, version: string, path: string) =>
          runCommand("gpmd", ["wasm", "upload", `--name=${name}`, `--version=${version}`, `--file=${path}`], {
            env,
          });
        assertEquals((await upload("math", "v0.0.1", good)).code, 0);
        await using node = await GvmProcess.start(env, "here");
        const cases: [string, string, string, RegExp][] = [
          [
            "math",
            "v0.0.2",
            join(directory, "none"),
            /^BAD_ARGUMENTS: Cannot upload ".*none": it does not exist/,
          ],
          ["math", "v0.0.2", directory, /^BAD_ARGUMENTS: /],
          [
            "math",
            "v0.0.2",
            file("text.wasm", new TextEncoder().encode("# Ghost")),
            /^NOT_A_MODULE: .*text file/,
          ],
          ["math", "v0.0.2", file("half.wasm", math.slice(0, -1)), /^NOT_A_MODULE: /],
          ["math", "v0.0.2", file("empty.wasm", new Uint8Array(0)), /^NOT_A_MODULE: /],
          ["../../x", "v0.0.2", good, /^INVALID_NAME: Cannot use "\.\.\/\.\.\/x" as a module name/],
          ["math", "../../x", good, /^INVALID_NAME: Cannot use "\.\.\/\.\.\/x" as a version/],
          ["math", "v0.0.1", file("other.wasm", readModule("counter")), /^VERSION_EXISTS: /],
        ];
        if (Deno.uid() === 0) {
          console.log("Not tried: a file that may not be read, since an administrator may read all");
        } else {
          const secret = file("secret.wasm", math);
          Deno.chmodSync(secret, 0);
          cases.push(["math", "v0.0.2", secret, /^BAD_ARGUMENTS: .*secret/]);
        }
        for (const [name, version, path, expected] of cases) {
          const { code, stdout, stderr } = await upload(name, version, path);
          assertEquals([code, stdout], [1, ""], stderr);
          assertMatch(stderr, expected);
          assertEquals(stderr.split("\n").length, 2, stderr);
        }
        assertEquals(await node.ask("Node.modules()"), ["math v0.0.1"]);
        assertEquals(await node.ask("math.sub(3,1)"), ["2"]);
        assertEquals(
          [...Deno.readDirSync(join(daemon.settings.home, "modules"))].length,
          2,
          "the index and one file",
        );
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    },
  );

  await t.step("a second daemon says that the first is running, and changes nothing", async () => {
    await using node = await GvmProcess.start(daemon.env, "here");
    const { code, stdout } = await runCommand("gpmd", ["start"], { env: daemon.env });
    assertEquals(code, 0);
    assertMatch(stdout, new RegExp(`already running.*\\b${daemon.pid}\\b`));
    assertEquals(await node.ask("Node.discover()"), ["here"]);
  });
});

Deno.test("a foreign program on a port: PORT_IN_USE for the daemon, UNAUTHENTICATED for a node", async () => {
  const directory = await Deno.makeTempDir({ prefix: "ghost-foreign-" });
  const ports = freePorts();
  const env = variables({ home: join(directory, "store"), ...ports });
  try {
    for (const port of [ports.commandPort, ports.gmpPort]) {
      await using _server = Deno.serve(
        { hostname: "127.0.0.1", port, onListen() {} },
        () => new Response("hello"),
      );
      const { code, stdout, stderr } = await runCommand("gpmd", ["start"], { env });
      assertEquals([code, stdout], [1, ""]);
      assertMatch(stderr, new RegExp(`^(PORT_IN_USE|UNAUTHENTICATED): .*\\b${port}\\b`));
    }
    // With a store from another time, so that there is a secret to be had.
    const started = await runCommand("gpmd", ["start"], { env });
    assertEquals([started.code, started.stdout], [0, "GPMD is running in the background.\n"], started.stderr);
    assertEquals((await runCommand("gpmd", ["kill"], { env })).code, 0);
    await using _server = Deno.serve(
      { hostname: "127.0.0.1", port: ports.gmpPort, onListen() {} },
      () => new Response("hello"),
    );
    const { code, stderr } = await runCommand("gvm", [], { env });
    assertEquals([code, stderr], [
      1,
      `UNAUTHENTICATED: Cannot reach GPMD: port ${ports.gmpPort} is held by another program; ` +
      "name the one for nodes with --gmp-port or GHOST_GMP_PORT\n",
    ]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a stored file that was changed by one byte is refused at the node, locally and remotely", async () => {
  await using daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  await gpmd.upload({ name: "math", version: "v0.0.1", module: readModule("math") });
  const path = join(daemon.settings.home, "modules", "math-v0.0.1.wasm");
  const bytes = Deno.readFileSync(path);
  bytes[bytes.length - 2]! ^= 1;
  Deno.writeFileSync(path, bytes);
  await using _there = await GvmProcess.start(daemon.env, "there");
  await using here = await GvmProcess.start(daemon.env, "here");
  await here.ask("Node.connect(there)");
  const refused =
    /^HASH_MISMATCH: Cannot use math@v0\.0\.1: its bytes have the SHA-256 [0-9a-f]{64}, not [0-9a-f]{64}$/;
  assertMatch(await here.fail("math.add(1,2)"), refused);
  assertMatch(await here.fail("Node.run(there, math)"), refused);
});

Deno.test("deno.json's tasks are the commands, with their permission sets", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  for (const command of ["gpmd", "gvm"]) {
    assertEquals(tasks[command], `deno run --quiet --no-prompt -P=${command} ${command}/main.ts`);
  }
});
