import { assertEquals, assertMatch } from "@std/assert";
import { startDaemon } from "../../tools/daemon_process.ts";
import { gpmd } from "../../tools/gpmd_command.ts";
import { ADD_MODULE } from "../_modules.ts";

/** A store where nothing runs, and ports that are not asked. */
const NOWHERE = { GHOST_HOME: "/nowhere", GHOST_COMMAND_PORT: "1", GHOST_GMP_PORT: "2" };

Deno.test("words that people try are understood: stop, delete, rm, ls, -v, version, a group's help", async () => {
  await using daemon = await startDaemon();
  await using client = await daemon.connect();
  for (const version of ["v1.0.0", "v2.0.0"]) await client.upload({ name: "x", version, module: ADD_MODULE });
  assertEquals((await gpmd(daemon.env, "wasm", "ls")).stdout, await output(daemon.env, "wasm", "list"));
  assertEquals(await output(daemon.env, "wasm", "delete", "x@v1.0.0"), "Removed x@v1.0.0\n");
  assertEquals(await output(daemon.env, "wasm", "rm", "x"), "Removed x@v2.0.0\n");
  assertEquals(await output(daemon.env, "__complete", "wasm", "delete", ""), "");
  assertEquals(await output(daemon.env, "stop"), "GPMD has been stopped.\n");
  assertEquals((await daemon.process.status).code, 0);
  const version = await output(NOWHERE, "--version");
  assertEquals(await output(NOWHERE, "-v"), version);
  assertEquals(await output(NOWHERE, "version"), version);
  assertEquals(await output(NOWHERE, "wasm", "help"), await output(NOWHERE, "wasm", "--help"));
  assertMatch(
    await output(NOWHERE, "stop", "--help"),
    /^gpmd kill: .*\n\nUsage: gpmd kill .*\n\nAlso: gpmd stop\n/,
  );
});

Deno.test("--port is said to be one of two, another option to be of another command; an unknown command is named first", async () => {
  const usage = async (...args: string[]) => {
    const { code, stdout, stderr } = await gpmd(NOWHERE, ...args);
    assertEquals([code, stdout], [2, ""]);
    return stderr.split("\n");
  };
  assertEquals(await usage("status", "--port=3"), [
    "gpmd: there is no option --port; did you mean --command-port or --gmp-port?",
    "Try: gpmd status --help",
    "",
  ]);
  const [start] = await usage("start", "--port", "3");
  assertEquals(
    start,
    "gpmd: there is no option --port; did you mean --link-port or --command-port or --gmp-port?",
  );
  // Its value is not taken for a command.
  const [first] = await usage("--port", "3", "status");
  assertEquals(first, start);
  const [strange] = await usage("--bogus", "3", "status");
  assertEquals(strange, "gpmd: there is no option --bogus");
  const [belongs] = await usage("status", "--follow");
  assertEquals(belongs, "gpmd: gpmd status takes no --follow; it belongs to gpmd logs");
  const [below] = await usage("logs", "-n", "-3");
  assertEquals(below, "gpmd: --lines takes a number from 0 to 1000000, not -3");
  const [group] = await usage("devices");
  assertEquals(group, 'gpmd: there is no command "devices"; did you mean "gpmd device"?');
  const [inGroup] = await usage("wasm", "--bogus", "3", "list");
  assertEquals(inGroup, "gpmd: there is no option --bogus");
  const [unknown] = await usage("statsu", "--verbose");
  assertEquals(unknown, 'gpmd: there is no command "statsu"; did you mean "gpmd status"?');
});

Deno.test("with --json wrong usage is JSON, too", async () => {
  const { code, stdout, stderr } = await gpmd(NOWHERE, "status", "--json", "--port=1");
  assertEquals([code, stdout], [2, ""]);
  const { error } = JSON.parse(stderr);
  assertEquals(error.code, "USAGE");
  assertMatch(error.message, /--command-port or --gmp-port/);
});

async function output(env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await gpmd(env, ...args);
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}
