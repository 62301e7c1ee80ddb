import { assertEquals, assertMatch } from "@std/assert";
import { Network } from "../../tools/network.ts";
import { told } from "./_recorder.ts";

Deno.test("lines do what they say, each after the one before", async () => {
  await using network = await Network.start();
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
    "! TRAP: greet exited with code 3",
  ]);
});

Deno.test("what is done on another node shows its id, and no empty line before the result", async () => {
  await using network = await Network.start();
  const [here] = await network.pair();
  const { told: lines } = await told(here, [
    "Node.run(there, math.add(34,34))",
    "Node.run(there, counter.next())",
    "Node.run(there, greet(Ada))",
    "Node.disconnect(there)",
    "Node.run(there, math)",
  ]);
  const id = /^ID: {2}[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  for (const at of [0, 3, 5]) assertMatch(lines[at]!, id);
  assertEquals(lines.filter((line) => !id.test(line)), [
    'stdout "Adding Numbers From Wasm...\\n"',
    "= 68",
    "= 1",
    'stdout "Hello, Ada!\\n"',
    "Client disconnected.",
    '! NOT_CONNECTED: Cannot run on "there": it is not connected; first do Node.connect(there)',
  ]);
});

Deno.test("output that does not end its line is ended before the result", async () => {
  await using network = await Network.start();
  await network.upload("partial", "v1.0.0", printing("no newline"));
  const node = await network.node("here");
  assertEquals((await told(node, ["partial.say()", "partial.say()"])).told, [
    'stdout "no newline"',
    "",
    'stdout "no newline"',
    "",
  ]);
});

Deno.test(".load does the lines of a file, says which failed, and does not load a file into itself", async () => {
  await using network = await Network.start();
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
});

Deno.test("help tells of all forms and of each", async () => {
  await using network = await Network.start();
  const node = await network.node("here");
  const { told: [all, run, wrong] } = await told(node, ["help", "help Node.run", "help Node.rum"]);
  assertMatch(all!, /Node\.run\(NODE, MODULE\.\.\.\) +run on another node/);
  assertMatch(run!, /^Node\.run\(NODE, MODULE\.\.\.\)\n {2}Runs a module/);
  assertMatch(wrong!, /^! BAD_ARGUMENTS: Cannot help: there is no such topic; did you mean Node\.run\?/);
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
