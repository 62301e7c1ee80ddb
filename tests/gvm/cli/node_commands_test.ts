// The tests that need a daemon share it.
import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { startDaemon, type TestDaemon } from "../../tools/daemon_process.ts";
import { GvmProcess, type Outcome, runCommand } from "../../tools/commands.ts";
import { readModule } from "../../tools/network.ts";

const ID = /^ID: {2}[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const FIXTURES = fromFileUrl(new URL("./fixtures/", import.meta.url));

async function startNetwork(): Promise<TestDaemon> {
  const daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  for (const name of ["math", "greet", "counter", "program"]) {
    await gpmd.upload({ name, version: "v0.0.1", module: readModule(name) });
  }
  const module = Deno.readFileSync(join(FIXTURES, "unknown_import.wasm"));
  await gpmd.upload({ name: "unknown", version: "v0.0.1", module });
  return daemon;
}

const run = ({ env }: TestDaemon, ...args: string[]): Promise<Outcome> =>
  runCommand("gvm", ["run", ...args], { env });

Deno.test("gvm at one daemon", async (t) => {
  await using daemon = await startNetwork();

  await t.step("every line of the contract prints what the contract says", async () => {
    await using there = await GvmProcess.start(daemon.env, "node-8399");
    await using here = await GvmProcess.start(daemon.env, "node-5651");
    const says = async (line: string, ...expected: (string | RegExp)[]) => {
      const lines = await here.ask(line, expected.length);
      expected.forEach((one, i) => {
        if (typeof one === "string") assertEquals(lines[i], one, line);
        else assertMatch(lines[i]!, one, line);
      });
    };
    await says("Node.discover()", "node-5651,node-8399");
    await says("Node.list()", "");
    await says("Node.connect(node-8399)", "node-8399");
    await says("Node.list()", "node-8399");
    await says("math", "Reponse from the math module...");
    await says('greet(a, "b c")', "Hello, a!", "Hello, b c!");
    await says("math.add(1,2)", "Adding Numbers From Wasm...", "", "3");
    await says("Node.run(node-8399, math)", ID, "Reponse from the math module...");
    await says("Node.run(node-8399,math.add(34,34))", ID, "Adding Numbers From Wasm...", "68");
    await says("math@v0.0.1.add(1,2)", "Adding Numbers From Wasm...", "", "3");
    await says("Node.run(node-8399, math@v0.0.1.sub(1,2))", ID, "-1");
    await says("Node.run(node-5651, math.sub(1,2))", ID, "-1");
    await says(
      "Node.modules()",
      ...["counter v0.0.1", "greet v0.0.1", "math v0.0.1", "program v0.0.1", "unknown v0.0.1"],
    );
    await says("counter.divmod(0x10, -0b101)", "[-3, 1]");
    await says("counter.square(3037000499n)", "9223372030926249001");
    await says("counter.half(-1e3)", "-500");
    await says("counter.sqrt(Infinity)", "Infinity");
    await says("counter.sqrt(NaN)", "NaN");
    await says("counter.next()", "1");
    await says("counter.next()", "2");
    await here.type("Node.reset(counter@v0.0.9)");
    await says("counter.next()", "3");
    await here.type("Node.reset(counter@0.0.1)");
    await says("counter.next()", "1");
    await says("Node.disconnect(node-8399)", "Client disconnected.");
    await says("Node.list()", "");
    // The other direction of a connection that one of them made.
    assertEquals(await there.ask("Node.connect(node-5651)"), ["node-5651"]);
    await says("Node.run(node-8399, math.mul(6,7))", ID, "42");
    await says("exit", "Goodbye :(");
    assertEquals((await here.status).code, 0);
  });

  await t.step(
    "what is wrong with a line is said with its code and one sentence, and the next line is done",
    async () => {
      await using _there = await GvmProcess.start(daemon.env, "there");
      await using here = await GvmProcess.start(daemon.env, "here");
      await here.ask("Node.connect(there)");
      const cases: [string, string][] = [
        ["nothing", 'MODULE_NOT_FOUND: Cannot find module "nothing": no module of that name was uploaded'],
        [
          "maths",
          'MODULE_NOT_FOUND: Cannot find module "maths": no module of that name was uploaded; did you mean "math"?',
        ],
        ["math@v9.0.0", 'VERSION_NOT_FOUND: Cannot find version "v9.0.0" of module "math": there is v0.0.1'],
        [
          "math.ad(1,2)",
          "FUNCTION_NOT_FOUND: Cannot call ad: math@v0.0.1 exports no such function; did you mean add? there are add, sub, mul, div, addf, add64",
        ],
        [
          "counter",
          "FUNCTION_NOT_FOUND: Cannot run counter@v0.0.1: it has no _start; of other functions there are next, reset, divmod, half, sqrt, square, reverse, spin, trap, grow",
        ],
        ["math.add(1)", "BAD_ARGUMENTS: Cannot call add: it takes 2 arguments (i32, i32), not 1"],
        ["math.add(1,2,3)", "BAD_ARGUMENTS: Cannot call add: it takes 2 arguments (i32, i32), not 3"],
        ['math.add(1,"2")', 'BAD_ARGUMENTS: Cannot call add: argument 2 is "2", not an i32'],
        [
          "math.add(1,1.5)",
          "BAD_ARGUMENTS: Cannot call add: argument 2 is 1.5, not an i32 (an integer from -2^31 to 2^32-1)",
        ],
        ["math.div(1,0)", "TRAP: math.div trapped: divide by zero"],
        ["counter.trap()", "TRAP: counter.trap trapped: unreachable"],
        ["greet(--fail)", "greet: failed, as asked"],
        ["Node.connect(nobody)", 'NODE_NOT_FOUND: Cannot find "nobody": no node of that name is registered'],
        ["Node.connect(here)", 'CONNECTION_DENIED: Cannot connect: "here" is this node'],
        [
          "Node.disconnect(nobody)",
          'NOT_CONNECTED: Cannot disconnect from "nobody": it is not connected',
        ],
        [
          "Node.run(nobody, math)",
          'NOT_CONNECTED: Cannot run on "nobody": it is not connected; first do Node.connect(nobody)',
        ],
      ];
      for (const [line, expected] of cases) {
        assertEquals(await here.fail(line), expected);
        if (line.startsWith("greet")) assertEquals(await here.complaint(), "greet exited with code 3");
      }
      for (const line of ["unknown", "unknown.conjure()", "Node.run(there, unknown)"]) {
        assertMatch(await here.fail(line), /^IMPORT_NOT_FOUND: .*env\.magic/);
      }
      for (
        const [line, caret] of [["math.add(1,,2)", 11], ["Node.connect(../../x)", 13], ["Node.", 5]] as const
      ) {
        assertEquals(await here.fail(line), line);
        assertMatch(await here.complaint(), new RegExp(`^ {${caret}}\\^ `));
      }
      // The remote run had an id before anything was known of it.
      const [id, result] = await here.ask("math.sub(3,1)", 2);
      assertMatch(id!, ID);
      assertEquals(result, "2");
    },
  );

  await t.step("gvm run does one line and leaves with its exit code", async () => {
    assertEquals(await run(daemon, "math.add(1,2)"), {
      code: 0,
      stdout: "Adding Numbers From Wasm...\n\n3\n",
      stderr: "",
    });
    assertEquals(await run(daemon, "math.add(1,,2)"), {
      code: 1,
      stdout: "",
      stderr: "math.add(1,,2)\n           ^ expected an argument\n",
    });
    const { code, stderr } = await run(daemon, "nothing");
    assertEquals([code, stderr.split(":")[0]], [1, "MODULE_NOT_FOUND"]);
    assertEquals((await run(daemon, "--name=calc", "Node.discover()")).stdout, "calc\n");
    assertEquals((await run(daemon, "--timeout=300", "counter.spin()")).stderr.split(":")[0], "TIME_LIMIT");
  });

  await t.step("without a terminal lines come from standard input, until the first that fails", async () => {
    const { env } = daemon;
    const stdin = "math.sub(3,1)\n// a comment\nmath.add(\n1, 2)\nnothing\nmath.sub(1,1)";
    const talk = /^GVM has been created lines \([0-9a-f-]{36}\)\nMODULE_NOT_FOUND: .*\nLine 5 failed\n$/;
    const stopped = await runCommand("gvm", ["--name=lines"], { env, stdin });
    assertEquals([stopped.code, stopped.stdout], [1, "2\nAdding Numbers From Wasm...\n\n3\n"]);
    assertMatch(stopped.stderr, talk);
    const kept = await runCommand("gvm", ["--name=lines", "--keep-going"], { env, stdin });
    assertEquals([kept.code, kept.stdout], [1, "2\nAdding Numbers From Wasm...\n\n3\n0\n"]);
    assertMatch(kept.stderr, talk);
    const several = await runCommand("gvm", ["--keep-going"], {
      env,
      stdin: "nothing\n\nmath.sub(1,,1)\nmath.sub(1,1)",
    });
    assertMatch(several.stderr, /\nLines 1, 3 failed\n$/);
    const fine = await runCommand("gvm", ["--name=lines"], {
      env,
      stdin: "math.sub(3,1)\r\nexit\nnothing\n",
    });
    assertEquals([fine.code, fine.stdout], [0, "2\nGoodbye :(\n"]);
    const empty = await runCommand("gvm", ["--name=lines"], { env });
    assertEquals([empty.code, empty.stdout], [0, ""]);
  });

  await t.step("a node stays as long as its input is open", async () => {
    await using gpmd = await daemon.connect();
    const node = await GvmProcess.start(daemon.env, "here");
    assertEquals((await gpmd.nodes()).map(({ name }) => name), ["here"]);
    assertEquals((await node.leave()).code, 0);
    assertEquals(await gpmd.nodes(), []);
  });

  await t.step(
    "SIGINT and SIGTERM stop the line under way, and the node leaves with the signal's exit code",
    async () => {
      await using gpmd = await daemon.connect();
      for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
        await using node = await GvmProcess.start(daemon.env, "here");
        assertEquals(await node.ask("program(loop)"), ["one"]);
        node.kill(signal);
        assertEquals((await node.status).code, code);
        assertEquals(await gpmd.nodes(), []);
      }
    },
  );

  await t.step("--accept says who may connect", async () => {
    await using _none = await GvmProcess.start(daemon.env, "nobody-comes", "--accept=none");
    await using _friends = await GvmProcess.start(daemon.env, "friends-come", "--accept", "friend,other");
    await using friend = await GvmProcess.start(daemon.env, "friend");
    await using stranger = await GvmProcess.start(daemon.env, "stranger");
    assertEquals(await friend.ask("Node.connect(friends-come)"), ["friends-come"]);
    for (const [node, name] of [[friend, "nobody-comes"], [stranger, "friends-come"]] as const) {
      assertEquals(
        await node.fail(`Node.connect(${name})`),
        `CONNECTION_DENIED: Cannot connect: "${name}" denied the connection`,
      );
    }
    const { code, stderr } = await runCommand("gvm", ["--accept=ask"], { env: daemon.env });
    assertEquals([code, stderr], [2, "gvm: --accept ask needs a terminal to ask at\nTry: gvm --help\n"]);
  });

  await t.step("a name that is taken, and one that is none, are refused", async () => {
    await using _node = await GvmProcess.start(daemon.env, "taken");
    assertEquals(await run(daemon, "--name=taken", "Node.list()"), {
      code: 1,
      stdout: "",
      stderr: 'NAME_TAKEN: Cannot register "taken": the name is taken by another node\n',
    });
    const { code, stderr } = await run(daemon, "--name=../../x", "Node.list()");
    assertEquals([code, stderr.slice(0, 50)], [1, 'INVALID_NAME: Cannot use "../../x" as a node name:']);
  });

  await t.step("settings are flags or variables, and a wrong one is named", async () => {
    const { home, gmpPort } = daemon.settings;
    const flags = [`--home=${home}`, `--gmp-port=${gmpPort}`];
    const nowhere = { GHOST_HOME: "/nonexistent", GHOST_GMP_PORT: "1" };
    const { code, stdout } = await runCommand("gvm", ["run", ...flags, "--name=here", "Node.discover()"], {
      env: nowhere,
    });
    assertEquals([code, stdout], [0, "here\n"]);
    const sentence = 'Cannot use "x" as a port: it is not a number from 1 to 65535';
    const usage = await runCommand("gvm", ["run", "--gmp-port=x", "math"], { env: daemon.env });
    assertEquals([usage.code, usage.stderr], [2, `gvm: ${sentence}\nTry: gvm run --help\n`]);
    const env = { ...daemon.env, GHOST_GMP_PORT: "x" };
    const error = await runCommand("gvm", ["run", "math"], { env });
    assertEquals([error.code, error.stderr], [1, `BAD_ARGUMENTS: ${sentence}\n`]);
  });

  await t.step("a secret that others may read is not used", async () => {
    const path = join(daemon.settings.home, "secret");
    Deno.chmodSync(path, 0o644);
    const { code, stderr } = await run(daemon, "math");
    Deno.chmodSync(path, 0o600);
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /^STORE_FAULT: Cannot use ".+": its mode 0644 lets other users in; close it with: chmod 600 /,
    );
  });
});

Deno.test("without GPMD it says how to start it, on standard error, with the exit code 1", async () => {
  const sentence = "GPMD_NOT_RUNNING: GPMD is not running on this device; start it with: gpmd start\n";
  const nowhere = { GHOST_HOME: "/nonexistent/store", GHOST_COMMAND_PORT: "1", GHOST_GMP_PORT: "1" };
  assertEquals(await runCommand("gvm", [], { env: nowhere }), { code: 1, stdout: "", stderr: sentence });
  // The store is there, and the daemon has been stopped.
  await using daemon = await startNetwork();
  await using gpmd = await daemon.connect();
  await gpmd.kill();
  assertEquals(await run(daemon, "math"), { code: 1, stdout: "", stderr: sentence });
});
