/** What a program's streams are, as its caller has them: at a terminal, behind a pipe, on this node and on another. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { GvmProcess, ROOT } from "../../tools/commands.ts";
import { Device, enter, prompt, startNetwork, terminalTest } from "./_prompt.ts";

const PROGRAM = join(ROOT, "tests/gvm/fixtures/program.wasm");

terminalTest("gvm exec and gvm run tell a program what its streams are", async () => {
  await using device = new Device();
  const terminal = await device.open();
  await enter(terminal, "gpmd start");
  await enter(terminal, `gpmd wasm upload --name=program --version=v1.0.0 ${PROGRAM}`);
  // By a short path, so that no line is longer than the terminal is wide.
  const directory = await Deno.makeTempDir({ prefix: "ghost-" });
  await using _ = { [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
  await Deno.copyFile(PROGRAM, join(directory, "it.wasm"));
  const exec = `gvm exec ${directory}/it.wasm -- terminals`;
  assertEquals(await enter(terminal, exec), "terminals: stdin stdout stderr");
  assertEquals(await enter(terminal, `${exec} | cat`), "terminals: stdin stderr");
  assertEquals(await enter(terminal, `${exec} < /dev/null 2> /dev/null`), "terminals: stdout");
  assertEquals(await enter(terminal, "gvm run 'program(terminals)'"), "terminals: stdin stdout stderr");
  assertEquals(await enter(terminal, "gvm run 'program(terminals)' | cat"), "terminals: stdin stderr");
  const once = join(ROOT, "tests/gvm/fixtures/write_once.wasm");
  await enter(terminal, `gpmd wasm upload --name=once --version=v1.0.0 ${once}`);
  // One more for the end of a line, which the module did not write.
  assertEquals(await enter(terminal, "gvm run 'once()' 2> /dev/null | wc -c"), "2097153");
  const full = "BAD_ARGUMENTS: Cannot write to standard output: the disk is full";
  assertEquals(await enter(terminal, "gvm run 'program(lines, 1000000)' > /dev/full"), full);
  assertEquals(await enter(terminal, "gpmd status > /dev/full"), full);
});

terminalTest("the prompt tells a program what its streams are, on another node too", async () => {
  await using daemon = await startNetwork();
  await using _other = await GvmProcess.start(daemon.env, "node-8399");
  await using terminal = await prompt(daemon, "node-0001");
  assertEquals(await enter(terminal, "program(terminals)"), "terminals: stdout stderr");
  const names = join(daemon.settings.home, "names");
  await Deno.writeTextFile(names, "Ada\nBob\n");
  assertEquals(await enter(terminal, `greet(-) < ${names}`), "Hello, Ada!\nHello, Bob!");
  await enter(terminal, "Node.connect(node-8399)");
  const remote = await enter(terminal, "Node.run(node-8399, program(terminals))");
  assertEquals(remote.split("\n").at(-1), "terminals: stdout stderr");
});
