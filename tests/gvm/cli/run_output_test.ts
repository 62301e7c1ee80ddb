// What `gvm run` prints, for people and for programs, and its exit codes. The tests share a daemon, and the node there.
import { assertEquals, assertMatch } from "@std/assert";
import { GvmProcess } from "../../tools/commands.ts";
import { run, shell, startNetwork } from "./_run.ts";

const ID = /^ID: {2}[0-9a-f-]{36}\n/;

Deno.test("what gvm run prints", async (t) => {
  await using daemon = await startNetwork();
  await using there = await GvmProcess.start(daemon.env, "there", "--executors=1");
  await there.ask("math.sub(3,1)"); // its executor is there, for all who come

  await t.step("--on connects, runs and leaves, and prints what the line prints here", async () => {
    await using gpmd = await daemon.connect();
    await using picky = await GvmProcess.start(daemon.env, "picky", "--accept=caller");
    const on = (...args: string[]) => run(daemon, ["--on=picky", "--name=caller", ...args]);
    assertEquals(await on("math.add(34,34)"), {
      code: 0,
      stdout: "Adding Numbers From Wasm...\n\n68\n",
      stderr: "",
    });
    assertEquals(await on("greet(Ada, --fail)"), {
      code: 3,
      stdout: "Hello, Ada!\n",
      stderr: "greet: failed, as asked\n",
    });
    assertEquals((await gpmd.nodes()).map(({ name }) => name).sort(), ["picky", "there"]);
    assertEquals(await picky.ask("Node.list()"), [""]);
    // Itself is a node, too.
    assertEquals((await run(daemon, ["--on=me", "--name=me", "math.sub(3,1)"])).stdout, "2\n");
    assertEquals(await run(daemon, ["--on=picky", "math"]), {
      code: 1,
      stdout: "",
      stderr: 'CONNECTION_DENIED: Cannot connect: "picky" denied the connection\n',
    });
    const nobody = await run(daemon, ["--on=nobody", "math"]);
    assertEquals([nobody.code, nobody.stderr.split(":")[0]], [1, "NODE_NOT_FOUND"]);
  });

  await t.step("a Node.run in the line connects first", async () => {
    const { code, stdout } = await run(daemon, ["Node.run(there, math.add(34,34))"]);
    assertMatch(stdout, ID);
    assertEquals([code, stdout.replace(ID, "")], [0, "Adding Numbers From Wasm...\n68\n"]);
  });

  await t.step("--on with a line that cannot run there is wrong usage", async () => {
    for (const line of ["Node.list()", "help", "Node.run(there, math)"]) {
      const { code, stderr } = await run(daemon, ["--on=there", line]);
      assertEquals(code, 2);
      assertMatch(stderr, /^gvm: --on goes with .*\nTry: gvm run --help\n$/);
    }
  });

  await t.step("--quiet prints the result alone", async () => {
    const script = `x=$(GVM_RUN --quiet 'math.add(1,2)') && echo "[$x]"`;
    assertEquals(await shell(daemon, script), { code: 0, stdout: "[3]\n", stderr: "" });
    for (const args of [["--on=there", "math.add(1,2)"], ["Node.run(there, math.add(1,2))"]]) {
      assertEquals((await run(daemon, ["-q", ...args])).stdout, "3\n");
    }
    // What a module writes is its result.
    assertEquals((await run(daemon, ["--quiet", "greet(Ada)"])).stdout, "Hello, Ada!\n");
    assertEquals(
      (await run(daemon, ["--quiet", "math.div(1,0)"])).stderr,
      "TRAP: math.div trapped: divide by zero\n",
    );
  });

  await t.step("--json prints a result as one line of JSON, exactly", async () => {
    const json = async (...args: string[]) => {
      const { code, stdout, stderr } = await run(daemon, ["--json", ...args]);
      assertEquals([code, stderr, stdout.split("\n").length], [0, "", 2]);
      return JSON.parse(stdout);
    };
    const output = "Adding Numbers From Wasm...\n";
    assertEquals(await json("math.add(1,2)"), { result: 3, types: ["i32"], output });
    assertEquals(await json("--on=there", "math.add(1,2)"), { result: 3, types: ["i32"], output });
    assertEquals((await json("greet.fib(92)")).result, "7540113804746346429");
    const several = (await json("counter.reverse(1, 7540113804746346429, 0.1, NaN)")).result;
    assertEquals(several, ["NaN", 0.1, "7540113804746346429", 1]);
    assertEquals((await json("counter.reverse(0, 0, -0.0, -0.0)")).result, [-0, -0, "0", 0]);
    assertEquals((await json("counter.sqrt(Infinity)")).result, "Infinity");
    assertEquals(await json("counter.reset()"), { result: null, types: [], output: "" });
    assertEquals(await json("greet(Ada)"), { exitCode: 0, output: "Hello, Ada!\n" });
    assertEquals(await json("--name=me", "Node.discover()"), ["me", "there"]);
    assertEquals((await json("Node.modules()"))[0], { name: "counter", versions: ["v0.0.1"] });
    assertEquals(await json("Node.connect(there)"), { connected: "there" });
    const failed = await run(daemon, ["--json", "greet(Ada, --fail)"]);
    assertEquals([failed.code, JSON.parse(failed.stdout)], [3, { exitCode: 3, output: "Hello, Ada!\n" }]);
  });

  await t.step("--json says errors as JSON, too, on standard error", async () => {
    const error = async (...args: string[]) => {
      const { code, stdout, stderr } = await run(daemon, ["--json", ...args]);
      assertEquals(stdout, "");
      return [code, JSON.parse(stderr).error];
    };
    const [code, { code: name, message, details }] = await error("math.ad(1,2)");
    assertEquals([code, name, details.suggestion], [1, "FUNCTION_NOT_FOUND", "add"]);
    assertMatch(message, /^Cannot call ad: /);
    assertEquals(await error("math.add(1,,2)"), [
      1,
      { code: "BAD_ARGUMENTS", message: "expected an argument", position: 11 },
    ]);
    assertEquals((await error("help"))[0], 2);
    const nowhere = { GHOST_HOME: "/nonexistent", GHOST_GMP_PORT: "1" };
    const { stderr } = await run({ env: nowhere }, ["--json", "math"]);
    assertEquals(JSON.parse(stderr).error.code, "GPMD_NOT_RUNNING");
  });

  await t.step("the exit code is the module's, where it is not 0", async () => {
    for (const [given, code] of [[0, 0], [3, 3], [255, 255], [256, 255], [260, 4]]) {
      assertEquals(await run(daemon, [`program(exit, ${given})`]), { code, stdout: "", stderr: "" });
    }
  });
});

Deno.test("a line that is wrong is told before anything is started", async () => {
  const { code, stderr } = await run({ env: { GHOST_HOME: "/nonexistent" } }, ["math.add(1,,2)"]);
  assertEquals([code, stderr], [1, "math.add(1,,2)\n           ^ expected an argument\n"]);
});
