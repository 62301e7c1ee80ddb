/** Help, tables and errors fit the terminal: they are broken at words. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { commandLine } from "../../tools/commands.ts";
import { Terminal } from "../../tools/terminal.ts";
import { readModule } from "../../tools/network.ts";
import { enterLines, prompt, startNetwork, terminalTest } from "./_prompt.ts";

const COLUMNS = 60;

terminalTest("what is shown is broken at words where the terminal ends", async () => {
  await using daemon = await startNetwork();
  const versions = Array.from({ length: 40 }, (_, i) => `v0.${i}.0`);
  {
    await using gpmd = await daemon.connect();
    for (const version of versions) await gpmd.upload({ name: "many", version, module: readModule("math") });
  }
  const shown = async (command: "gpmd" | "gvm", ...args: string[]): Promise<string[]> => {
    const env = { ...daemon.env, NO_COLOR: "1" };
    await using terminal = await Terminal.start(commandLine(command, args), {
      env,
      columns: COLUMNS,
      rows: 100,
    });
    const lines = (await terminal.until(/^\[\d+\]$/m)).split("\n").slice(0, -1);
    // A line that fills the terminal was broken by the terminal, unless by chance: in the middle of a word.
    // An example stays as it is typed.
    for (const line of lines) assert(line.length < COLUMNS || /^ {2}(gpmd|gvm|echo) /.test(line), line);
    return lines;
  };
  const listed = (await shown("gpmd", "wasm", "list")).join(" ");
  for (const version of versions) {
    assert(new RegExp(`${version.replaceAll(".", "\\.")}(,|\\s|$)`).test(listed), version);
  }
  await shown("gpmd", "wasm", "--help");
  assertEquals((await shown("gpmd", "device", "list")).slice(0, 2), [
    "No device is paired with this one; invite one with: gpmd",
    "device invite",
  ]);
  await shown("gvm", "--help");
  await shown("gvm", "exec", "--help");
  assertEquals(await shown("gvm", "run", "maths"), [
    'MODULE_NOT_FOUND: Cannot find module "maths": no module of',
    'that name was uploaded; did you mean "math"?',
  ]);
  assertEquals(
    (await shown("gvm", "run", "--executors=99999", "math"))[0],
    [
      "gvm: --executors takes a whole number from 1 to 1024, not",
    ][0],
  );

  await using terminal = await prompt(daemon, "node-0001", [], { columns: COLUMNS, rows: 100 });
  const modules = await enterLines(terminal, "Node.modules()");
  for (const line of modules) assert(line.length < COLUMNS, line);
  assert(modules.join(" ").includes("many v0.0.0, v0.1.0"), modules.join("\n"));
  assertEquals(await enterLines(terminal, "maths"), [
    'MODULE_NOT_FOUND: Cannot find module "maths": no module of',
    'that name was uploaded; did you mean "math"?',
  ]);
  for (const line of await enterLines(terminal, "help math")) assert(line.length < COLUMNS, line);
  const script = join(daemon.settings.home, "script");
  await Deno.writeTextFile(script, "math.nothing()\n");
  assertEquals((await enterLines(terminal, `.load ${script}`)).slice(0, 2), [
    "FUNCTION_NOT_FOUND: Cannot call nothing: math@v0.0.1",
    "exports no such function; there are add, sub, mul, div,",
  ]);
});
