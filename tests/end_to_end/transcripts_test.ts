/** The transcripts of the project's documents, played with real processes: typed as keys at real terminals, and the demo. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { childrenOf } from "../gvm/harness.ts";
import { commandLine, eventually, ROOT } from "../tools/commands.ts";
import { freePorts, variables } from "../tools/daemon_process.ts";
import { GpmdClient } from "../../gpmd/client.ts";
import { Terminal, whyNoTerminal } from "../tools/terminal.ts";

const reason = await whyNoTerminal();
if (reason !== undefined) console.log(`Skipping the transcripts at a terminal: ${reason}`);

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** A shell at a terminal, whose prompt is `$: ` and which has both commands on its PATH. */
class Shell implements AsyncDisposable {
  readonly directory = Deno.makeTempDirSync({ prefix: "ghost-transcript-" });
  readonly settings = { home: join(this.directory, "store"), ...freePorts() };
  readonly terminals: Terminal[] = [];

  constructor() {
    for (const command of ["gpmd", "gvm"] as const) {
      const line = commandLine(command, []).map((word) => `'${word}'`).join(" ");
      const path = join(this.directory, command);
      Deno.writeTextFileSync(path, `#!/bin/sh\nexec ${line} "$@"\n`, { mode: 0o755 });
    }
  }

  async open(): Promise<Terminal> {
    const env = {
      ...variables(this.settings),
      NO_COLOR: "1",
      PATH: `${this.directory}:${Deno.env.get("PATH")}`,
      PS1: "$: ",
      ENV: undefined,
    };
    const terminal = await Terminal.start(["sh", "-i"], { env, columns: 100 });
    this.terminals.push(terminal);
    await terminal.until(/\$:$/);
    return terminal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const terminal of this.terminals) await terminal[Symbol.asyncDispose]();
    await GpmdClient.connect(this.settings).then((gpmd) => gpmd.kill(), () => {});
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** Types `line` behind a prompt, waits for the next one, and returns what came between. */
async function enter(terminal: Terminal, line: string): Promise<string[]> {
  const rows = (await terminal.screen()).split("\n").length;
  await terminal.type(line);
  await terminal.press("Enter");
  const screen = await terminal.until((screen) => {
    const lines = screen.split("\n");
    return lines.length > rows && /^(\$:|\(node-\d{4}\) >)$/.test(lines.at(-1)!);
  });
  return screen.split("\n").slice(rows, -1);
}

Deno.test({
  name: "both transcripts of the documents, typed at terminals, read as they do there",
  ignore: reason !== undefined,
  async fn() {
    await using shell = new Shell();
    const [one, two] = [await shell.open(), await shell.open()];

    assertEquals(await enter(one, "gpmd start"), ["GPMD is running in the background."]);
    const file = join(ROOT, "examples/math/math.wasm");
    const uploaded = await enter(one, `gpmd wasm upload --name=math --version=v0.0.1 --file=${file}`);
    assert(uploaded.includes("Module Uploaded Successfully!"), uploaded.join("\n"));

    const banners = [await enter(one, "gvm"), await enter(two, "gvm")];
    const names = banners.map(([line]) => {
      assertMatch(line!, new RegExp(`^GVM has been created node-\\d{4} \\(${UUID}\\)$`));
      return line!.split(" ")[4]!;
    });
    const [here, there] = names;
    for (const [terminal, name] of [[one, here], [two, there]] as const) {
      assert((await terminal.screen()).endsWith(`\n(${name}) >`));
    }
    assertEquals(await enter(one, "Node.discover()"), [names.toSorted().join(",")]);
    assertEquals(await enter(one, `Node.connect(${there})`), [there]);
    await two.until(`\n${here} connected\n(${there}) >`);
    assertEquals(await enter(one, "Node.list()"), [there]);
    assertEquals(await enter(one, "math"), ["Reponse from the math module..."]);
    const id = new RegExp(`^ID: {2}${UUID}$`);
    const [first, ...run] = await enter(one, `Node.run(${there}, math)`);
    assertMatch(first!, id);
    assertEquals(run, ["Reponse from the math module..."]);
    assertEquals(await enter(one, "math.add(1,2)"), ["Adding Numbers From Wasm...", "", "3"]);
    const [second, ...sum] = await enter(one, `Node.run(${there},math.add(34,34))`);
    assertMatch(second!, id);
    assertEquals(sum, ["Adding Numbers From Wasm...", "68"]);
    // Both have the ability to run modules and functions on each other.
    const [third, ...back] = await enter(two, `Node.run(${here},math.add(2,3))`);
    assertMatch(third!, id);
    assertEquals(back, ["Adding Numbers From Wasm...", "5"]);
    assertEquals(await enter(one, `Node.disconnect(${there})`), ["Client disconnected."]);
    await two.until(`\n${here} disconnected\n(${there}) >`);
    assertEquals(await enter(one, "exit"), ["Goodbye :("]);
    await two.press("C-d");
    await two.until(`(${there}) >\nGoodbye :(\n$:`);
    await enter(one, "gpmd kill");
    assertEquals(await enter(one, "gvm"), [
      "GPMD_NOT_RUNNING: GPMD is not running on this device; start it with: gpmd start",
    ]);
  },
});

Deno.test("the demo plays both transcripts and leaves nothing behind", async () => {
  const before = childrenOf(Deno.pid);
  const tasks = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json"))).tasks;
  const [program, ...args] = (tasks.demo as string).split(" ");
  const { code, stdout, stderr } = await new Deno.Command(program!, { args, cwd: ROOT }).output();
  const text = new TextDecoder().decode(stdout);
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""], text);
  for (
    const line of [
      "$: gpmd start",
      "GPMD is running in the background.",
      "Module Uploaded Successfully!",
      "(node-5651) > Node.discover()\nnode-5651,node-8399",
      "(node-5651) > Node.connect(node-8399)\nnode-8399",
      "(node-5651) > math\nReponse from the math module...",
      "(node-5651) > math.add(1,2)\nAdding Numbers From Wasm...\n\n3",
      "Adding Numbers From Wasm...\n68",
      "Every line was as expected.",
    ]
  ) assert(text.includes(`${line}\n`), `${line} is not in\n${text}`);
  await eventually("the end of its processes", () => childrenOf(Deno.pid).length === before.length);
});
