// The tests share a network, in which each has nodes of its own.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { toolchainAdvice } from "../../../gmp/wasm_format/toolchain.ts";
import { moduleBytes, nameBytes } from "../../gmp/fixtures/module_bytes.ts";
import { Network, nextEvent } from "../../tools/network.ts";
import { assertFails } from "../harness.ts";
import { dialledBy, toFrontDoorOf } from "../node/_dialled.ts";
import { told } from "./_recorder.ts";

Deno.test("lines at a network of two nodes", async (t) => {
  await using network = await Network.start();

  await network.step(t, "lines do what they say, each after the one before", async () => {
    const [here] = await network.pair();
    const { told: lines, failed } = await told(here, [
      "Node.discover()",
      "Node.list()",
      "// a comment",
      "",
      "math",
      "math.add(1,2)",
      "counter.reverse(1, 2, 0.1, 4)",
      "counter.reset()",
      "greet(Ada, --fail)",
    ]);
    assertEquals(failed, 9);
    assertEquals(lines, [
      "here,there",
      "there",
      'stdout "Reponse from the math module...\\n"',
      'stdout "Adding Numbers From Wasm...\\n"',
      "",
      "= 3",
      "= [4, 0.1, 2, 1]",
      'stdout "Hello, Ada!\\n"',
      'stderr "greet: failed, as asked\\n"',
      "! greet exited with code 3",
    ]);
  });

  await network.step(t, "an argument that no function of a core module takes is pointed at", async () => {
    const [here] = await network.pair();
    const { told: lines, failed } = await told(here, [
      "math.add(1, abc)",
      "math.add(1, [2])",
      "Node.run(there, math.add(nan, 2))",
      "c = math.add(1, 2)",
      "drop(c)",
      "c.next()",
    ], { keepGoing: true });
    assertEquals(failed, 1);
    assertEquals(lines.filter((line) => !line.startsWith("ID: ")), [
      '! math.add(1, abc)\n            ^ text must be in quotes: "abc"',
      "! math.add(1, [2])\n            ^ this function takes numbers only",
      "! BAD_ARGUMENTS: Cannot call add: argument 1 is NaN, not an i32 (an integer from -2^31 to 2^32-1)",
      "! c = math.add(1, 2)\n    ^ only a resource can be named, and this function returns none",
      "! BAD_ARGUMENTS: Cannot drop c: there is no resource of that name",
      '! MODULE_NOT_FOUND: Cannot find module "c": no module of that name was uploaded',
    ]);
  });

  await network.step(
    t,
    "what a function takes whose module was made for other values than numbers is said, with what to compile with",
    async () => {
      const [here] = await network.pair();
      // greet(i32) -> i32, and __new, which AssemblyScript exports.
      const module = moduleBytes(
        [1, 1, 0x60, 1, 0x7f, 1, 0x7f],
        [3, 1, 0],
        [7, 2, ...nameBytes("greet"), 0, 0, ...nameBytes("__new"), 0, 0],
        [10, 1, 4, 0, 0x20, 0, 0x0b],
      );
      await network.upload("greetings", "v0.0.1", module);
      const { told: lines } = await told(here, [
        'greetings.greet("Ada")',
        'Node.run(there, greetings.greet(["Ada"]))',
        "greetings.greet(1.5)",
        "greetings.greet(7)",
      ], { keepGoing: true });
      const advice = toolchainAdvice("AssemblyScript");
      assertEquals(lines.filter((line) => !line.startsWith("ID: ")), [
        `! BAD_ARGUMENTS: Cannot call greet: argument 1 is "Ada", not an i32; ${advice}`,
        `! Node.run(there, greetings.greet(["Ada"]))\n                                ^ this function takes numbers only; ${advice}`,
        "! BAD_ARGUMENTS: Cannot call greet: argument 1 is 1.5, not an i32 (an integer from -2^31 to 2^32-1)",
        "= 7",
      ]);
      const inline = await here.function("greetings.greet", { isolation: "inline" });
      const refused = await assertFails("BAD_ARGUMENTS", (async () => await inline("Ada"))());
      assertStringIncludes(refused.message, advice);
    },
  );

  await network.step(
    t,
    "what is done on another node shows its id, and no empty line before the result",
    async () => {
      const [here] = await network.pair();
      const { told: lines } = await told(here, [
        "Node.run(there, math.add(34,34))",
        "Node.run(there, counter.next())",
        "Node.run(there, greet(Ada))",
        "Node.disconnect(ther)",
        "Node.disconnect(here)",
        "Node.disconnect(there)",
        "Node.run(there, math)",
      ], { keepGoing: true });
      const id = /^ID: {2}[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
      for (const at of [0, 3, 5]) assertMatch(lines[at]!, id);
      assertEquals(lines.filter((line) => !id.test(line)), [
        'stdout "Adding Numbers From Wasm...\\n"',
        "= 68",
        "= 1",
        'stdout "Hello, Ada!\\n"',
        '! NOT_CONNECTED: Cannot disconnect from "ther": it is not connected; did you mean there?',
        '! NOT_CONNECTED: Cannot disconnect from "here": it is this node',
        "Client disconnected.",
        '! NOT_CONNECTED: Cannot run on "there": it is not connected; first do Node.connect(there)',
      ]);
    },
  );

  await network.step(t, "a connection that is coming back can be called off", async () => {
    const [here] = [await network.node("here"), await network.node("there")];
    const dialled = await dialledBy(() => here.connect("there"));
    const lost = nextEvent(here, "disconnect");
    (await toFrontDoorOf("there", network, dialled)).close();
    await lost;
    const { told: lines } = await told(here, ["Node.disconnect(there)", "Node.disconnect(there)"], {
      keepGoing: true,
    });
    assertEquals(lines, [
      "Client disconnected.",
      '! NOT_CONNECTED: Cannot disconnect from "there": it is not connected',
    ]);
  });

  await network.step(t, "output that does not end its line is ended before the result", async () => {
    await network.upload("partial", "v1.0.0", printing("no newline"));
    const node = await network.node("here");
    assertEquals((await told(node, ["partial.say()", "partial.say()"])).told, [
      'stdout "no newline"',
      "",
      'stdout "no newline"',
      "",
    ]);
  });

  await network.step(
    t,
    ".load does the lines of a file, says which failed, and does not load a file into itself",
    async () => {
      const node = await network.node("here");
      const directory = await Deno.makeTempDir({ prefix: "ghost-lines-" });
      try {
        const file = (name: string, text: string) => {
          Deno.writeTextFileSync(`${directory}/${name}`, text);
          return `${directory}/${name}`;
        };
        const [good, bad] = [
          file("good", "Node.list()\r\nNode.discover()\r\n"),
          file("bad", "nothing\nNode.list()"),
        ];
        assertEquals((await told(node, [`.load ${good}`])).told, ["", "here"]);
        const { told: lines } = await told(node, [`.load ${bad}`]);
        assertEquals(lines, [
          '! MODULE_NOT_FOUND: Cannot find module "nothing": no module of that name was uploaded',
          `! BAD_REQUEST: Cannot load "${bad}": line 1 failed`,
        ]);
        assertEquals((await told(node, [`.load ${directory}/none`])).told, [
          `! BAD_ARGUMENTS: Cannot load "${directory}/none": it does not exist`,
        ]);
        const loop = file("loop", `.load ${directory}/loop`);
        const { told: looped } = await told(node, [`.load ${loop}`]);
        assertEquals(looped[0], `! BAD_ARGUMENTS: Cannot load "${loop}": it loads itself`);
        assertEquals((await told(node, [`.load ${file("leave", "exit")}`, "Node.list()"])).outcome, "exit");
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    },
  );

  await network.step(t, "help tells of all forms and of each", async () => {
    const node = await network.node("here");
    const { told: [all, run, wrong] } = await told(node, ["help", "help Node.run", "help Node.rum"]);
    assertMatch(all!, /Node\.run\(NODE, MODULE\.\.\.\) +run on another node/);
    assertMatch(run!, /^Node\.run\(NODE, MODULE\.\.\.\)\n {2}Runs a module/);
    assertMatch(
      wrong!,
      /^! BAD_ARGUMENTS: Cannot help: there is no such topic, and no such module; did you mean Node\.run\?/,
    );
  });

  await network.step(t, "help shows a module and its functions, and what one of them takes", async () => {
    const node = await network.node("here");
    const help = async (topic: string) => (await told(node, [`help ${topic}`])).told;
    assertEquals(await help("math"), [
      [
        "math@v0.0.1, 516 bytes",
        "  math runs it; text in parentheses is its arguments",
        "  math.add(i32, i32) -> i32",
        "  math.sub(i32, i32) -> i32",
        "  math.mul(i32, i32) -> i32",
        "  math.div(i32, i32) -> i32",
        "  math.addf(f64, f64) -> f64",
        "  math.add64(i64, i64) -> i64",
      ].join("\n"),
    ]);
    const add = "math.add(i32, i32) -> i32\n  A function of math@v0.0.1.\n\n  math.add(1, 2)";
    for (const topic of ["math.add", "math.add(1,2)", "math@v0.0.1.add"]) {
      assertEquals(await help(topic), [add]);
    }
    assertEquals((await told(node, ["? math.add"])).told, [add]);
    assertEquals(await help("mathx"), [
      "! BAD_ARGUMENTS: Cannot help: there is no such topic, and no such module; did you mean math?",
    ]);
    assertEquals(await help("math.ad"), [
      "! FUNCTION_NOT_FOUND: Cannot help with ad: math@v0.0.1 exports no such function; did you mean add? there are " +
      "add, sub, mul, div, addf, add64",
    ]);
    const examples = ["counter.divmod", "counter.half", "counter.square", "counter.next"];
    const shown = await Promise.all(examples.map(help));
    assertEquals(shown.map(([text]) => text!.split("\n").at(-1)), [
      "  counter.divmod(1, 2)",
      "  counter.half(0.5)",
      "  counter.square(1n)",
      "  counter.next()",
    ]);
  });

  await network.step(t, "what people type who know other prompts is understood", async () => {
    const node = await network.node("here");
    assertEquals((await told(node, ["node.discover()", "node.LIST()"])).told, ["here", ""]);
    assertEquals(await told(node, ["quit"]), {
      told: ["Goodbye :("],
      failed: 0,
      failures: [],
      others: 0,
      outcome: "exit",
    });
    assertEquals((await told(node, ["?"])).told, (await told(node, ["help"])).told);
    // A module called node has its functions.
    const { told: lines } = await told(node, ["node.add(1)"]);
    assertEquals(lines[0]!.split(":").slice(0, 2), ["! MODULE_NOT_FOUND", ' Cannot find module "node"']);
  });

  await network.step(
    t,
    "help and questions about modules end with their signal, although GPMD does not answer",
    async () => {
      const [here] = await network.pair();
      const { pid } = network.daemon;
      Deno.kill(pid, "SIGSTOP");
      try {
        for (const line of ["help math", "help nothing"]) {
          const stop = new AbortController();
          const done = told(here, [line], { signal: stop.signal });
          stop.abort();
          assertEquals(await done, { told: [], outcome: "continue", failed: 1, failures: [1], others: 0 });
        }
        const stop = new AbortController();
        const described = assertFails("CANCELLED", here.describe("math", { signal: stop.signal }));
        stop.abort();
        await described;
        await assertFails("CANCELLED", here.reset("math", { signal: AbortSignal.abort() }));
      } finally {
        Deno.kill(pid, "SIGCONT");
      }
    },
  );
});

/** A module whose function `say` writes `text`, of fewer than 64 bytes. */
function printing(text: string): Uint8Array<ArrayBuffer> {
  const bytes = [...new TextEncoder().encode(text)];
  const section = (id: number, ...content: number[]) => [id, content.length, ...content];
  const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
  const wasi = name("wasi_snapshot_preview1");
  // deno-fmt-ignore
  return new Uint8Array([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, 2, 0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 1, 0x7f, 0x60, 0, 0),
    ...section(2, 1, ...wasi, ...name("fd_write"), 0, 0),
    ...section(3, 1, 1),
    ...section(5, 1, 0, 1),
    ...section(7, 2, ...name("memory"), 2, 0, ...name("say"), 0, 1),
    ...section(10, 1, 13, 0, 0x41, 1, 0x41, 0, 0x41, 1, 0x41, 16, 0x10, 0, 0x1a, 0x0b),
    // The iovec at 0, the text at 32.
    ...section(11, 2, 0, 0x41, 0, 0x0b, 8, 32, 0, 0, 0, bytes.length, 0, 0, 0,
      0, 0x41, 32, 0x0b, bytes.length, ...bytes),
  ]);
}
