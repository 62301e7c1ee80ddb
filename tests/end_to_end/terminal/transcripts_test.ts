/** The transcripts of the project's documents, typed as keys at real terminals and read from their screens. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { isRunning } from "../../gvm/harness.ts";
import { eventually, ROOT } from "../../tools/commands.ts";
import type { Terminal } from "../../tools/terminal.ts";
import { Device, enter, enterLines, terminalTest } from "./_prompt.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

terminalTest("both documents, followed word by word at two terminals, read as they are written", async () => {
  await using device = new Device();
  const [one, two] = [await device.open(), await device.open()];
  const programs = () => [...one.processes(), ...two.processes()];
  const before = programs();

  // gpmd.md
  assertEquals(await enterLines(one, "gpmd start"), ["GPMD is running in the background."]);
  const { home, ...ports } = device.settings;
  const daemon = Number(await Deno.readTextFile(join(home, "gpmd.pid")));
  assertEquals(listening(daemon), Object.values(ports).toSorted((a, b) => a - b));
  const file = join(ROOT, "examples/math/math.wasm");
  const uploaded = await enterLines(one, `gpmd wasm upload --name=math --version=v0.0.1 --file=${file}`);
  // Where the checkout's path is long, the rest of the command's line comes first.
  assertEquals(uploaded.slice(-5).map((line) => line.split(/ {2,}/)[0]), [
    "Module Uploaded Successfully!",
    "Name",
    "Version",
    "Hash",
    "Size",
  ]);
  const index = JSON.parse(await Deno.readTextFile(join(home, "modules", "ghost.modules.json")));
  assert(JSON.stringify(index).includes('"math"'), "the module is listed in the hidden folder");

  // gvm.md
  const [here, there] = [await startNode(one), await startNode(two)];
  const nodes = [here, there].toSorted().join(",");
  assertEquals(await enterLines(one, "Node.discover()"), [nodes]);
  assertEquals(await enterLines(one, `Node.connect(${there})`), [there]);
  await two.until(`\n${here} connected\n(${there}) >`);
  for (const [terminal, other] of [[one, there], [two, here]] as const) {
    assertEquals(await enterLines(terminal, "Node.list()"), [other]);
  }
  assertEquals(await enterLines(one, "math"), ["Reponse from the math module..."]);
  assertEquals(await remote(one, `Node.run(${there}, math)`), ["Reponse from the math module..."]);
  assertEquals(await enterLines(one, "math.add(1,2)"), ["Adding Numbers From Wasm...", "", "3"]);
  const sum = await remote(one, `Node.run(${there},math.add(34,34))`);
  assertEquals(sum, ["Adding Numbers From Wasm...", "68"]);
  // Both have the ability to run modules and functions on each other.
  const back = await remote(two, `Node.run(${here},math.add(2,3))`);
  assertEquals(back, ["Adding Numbers From Wasm...", "5"]);
  assertEquals(await enterLines(one, `Node.disconnect(${there})`), ["Client disconnected."]);
  await two.until(`\n${here} disconnected\n(${there}) >`);
  assertMatch(await enter(one, `Node.run(${there}, math)`), /^NOT_CONNECTED: /);

  const during = programs().filter((pid) => !before.includes(pid));
  assert(during.length >= 4, `two nodes with their executors: ${during}`);
  assertEquals(await enterLines(one, "exit"), ["Goodbye :("]);
  await two.press("C-d");
  await two.until(`(${there}) >\nGoodbye :(\n$:`);
  assertEquals(await enterLines(one, "gpmd kill"), ["GPMD has been stopped."]);
  assert(!listening().some((port) => Object.values(ports).includes(port)), "a port is still open");
  await eventually("the end of all processes", () => ![daemon, ...during].some(isRunning));
  assertEquals(programs(), before);
  assertEquals(await enterLines(one, "gvm"), [
    "GPMD_NOT_RUNNING: GPMD is not running on this device; start it with: gpmd start",
  ]);
  assertEquals(await enterLines(one, "gpmd kill"), [
    "GPMD_NOT_RUNNING: GPMD is not running on this device; start it with: gpmd start",
  ]);
});

/** Starts a node; its name. */
async function startNode(terminal: Terminal): Promise<string> {
  const [banner, ...others] = await enterLines(terminal, "gvm");
  assertMatch(banner!, new RegExp(`^GVM has been created node-\\d{4} \\(${UUID}\\)$`));
  assertEquals(others, []);
  const name = banner!.split(" ")[4]!;
  const screen = await terminal.screen();
  assert(screen.endsWith(`\n(${name}) >`), screen);
  await terminal.cursorAt(`(${name}) > `.length, screen.split("\n").length - 1);
  return name;
}

/** Types a line that runs something on another node; what comes below the call's id. */
async function remote(terminal: Terminal, line: string): Promise<string[]> {
  const [id, ...output] = await enterLines(terminal, line);
  assertMatch(id!, new RegExp(`^ID: {2}${UUID}$`));
  return output;
}

/** The ports on which a process listens, or on which anybody does. */
function listening(pid?: number): number[] {
  const LISTEN = "0A";
  const sockets = pid === undefined ? undefined : socketsOf(pid);
  const ports = Deno.readTextFileSync("/proc/net/tcp").trim().split("\n").slice(1).flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    const its = sockets === undefined || sockets.has(inode!);
    return state === LISTEN && its ? [parseInt(local!.split(":")[1]!, 16)] : [];
  });
  return ports.toSorted((a, b) => a - b);
}

/** The numbers of a process's sockets. */
function socketsOf(pid: number): Set<string> {
  const links = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) =>
    Deno.readLinkSync(`/proc/${pid}/fd/${name}`)
  );
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}
