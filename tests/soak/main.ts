/** The long versions of the tests in `tests/faults`, of the floods and of the soak; docs/reliability.md has their figures. */
import { parseArgs } from "@std/cli/parse-args";
import { killDaemons, killStartingDaemons } from "../faults/_kills.ts";
import { cutPower } from "../faults/_power_cuts.ts";
import * as races from "../faults/_races.ts";
import { DEVICE_RUNS, runDevices } from "../devices/_long.ts";
import { killWriteBacks } from "../faults/_write_back_kills.ts";
import { storm } from "../faults/_storm.ts";
import { PORT_KINDS, type PortKind } from "../hostile/_conversation.ts";
import { describeFlood, flood } from "../hostile/_flood.ts";
import { INSIDERS, isInsider, STRANGERS } from "../hostile/_flooder.ts";
import { startTarget } from "../hostile/_targets.ts";
import { Network } from "../tools/network.ts";
import { soak, type SoakFigures } from "./_soak.ts";

const USAGE = `deno task soak [--minutes=10]
deno task soak crashes | write-backs | power-cuts | races | storm
deno task soak devices [faults | bad-line | strangers | many | mesh | cable] [--minutes=10]
deno task soak flood [command | gmp | front-door | executor]`;

/** Megabytes by the hour that a process may grow: a leak of a kilobyte an operation is a hundred times as much. */
const MEMORY_SLOPE = 60;
/** Descriptors by the hour: one lost in a minute is as many. */
const DESCRIPTOR_SLOPE = 60;

/**
 * Keeps the part of V8's heaps for new objects small: left alone it grows for half an hour, to some 60 MB, whatever is done,
 * and hides what else grows. Every process that is started inherits it.
 */
const HEAP_FLAGS = "--min-semi-space-size=1,--max-semi-space-size=1";

async function runSoak(minutes: number): Promise<void> {
  Deno.env.set("DENO_V8_FLAGS", HEAP_FLAGS);
  const figures = await soak(minutes);
  print(figures);
  const { wrong, left, executors, processes } = figures;
  const growing = processes.filter((one) =>
    one.memorySlope > MEMORY_SLOPE || one.descriptorSlope > DESCRIPTOR_SLOPE
  );
  if (wrong.length > 0) throw new Error(`there were ${wrong.length} wrong answers`);
  if (left > 0 || executors[0] !== executors[1]) throw new Error("processes are left");
  if (growing.length > 0) throw new Error(`what grows: ${growing.map(({ name }) => name).join(", ")}`);
}

function print({ minutes, done, hindered, wrong, processes, executors, left }: SoakFigures): void {
  const list = (counts: Record<string, number>) =>
    Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(", ");
  const operations = Object.values(done).reduce((sum, one) => sum + one, 0);
  console.log(`${minutes} minutes, 4 nodes, ${operations} operations: ${list(done)}`);
  console.log(`hindered by each other: ${list(hindered)}`);
  console.log(`wrong answers: ${wrong.length}`);
  for (const one of wrong.slice(0, 20)) console.log(`  ${one}`);
  console.log(`executors at the start and at the end: ${executors.join(", ")}; processes left: ${left}\n`);
  const row = (cells: unknown[]) => console.log(cells.map((one) => `${one}`.padEnd(20)).join("").trimEnd());
  row(["process", "memory, MB", "MB by the hour", "descriptors", "by the hour"]);
  for (const { name, memory, memorySlope, descriptors, descriptorSlope } of processes) {
    row([
      name,
      memory.toFixed(1),
      memorySlope.toFixed(1),
      descriptors.join(" to "),
      descriptorSlope.toFixed(1),
    ]);
  }
}

function everyFifty(what: string): (kill: number) => void {
  return (kill) => {
    if (kill % 50 === 0) console.log(`${what} killed: ${kill}`);
  };
}

async function runCrashes(): Promise<void> {
  const progress = everyFifty("daemons");
  console.log(await killDaemons({ kills: 300, largest: 1 << 26, longest: 1500, progress }));
  await killStartingDaemons(200);
  console.log("200 daemons killed while they started");
}

async function runRaces(): Promise<void> {
  const { raceForHome, raceForPorts, raceToStart } = races;
  for (const race of [raceToStart, raceForHome, raceForPorts]) {
    for (let i = 0; i < 50; i++) await race();
    console.log(`${race.name}: 50 times`);
  }
  const many: [(network: Network, count: number) => Promise<void>, number][] = [
    [races.raceToUpload, 1000],
    [races.raceToUploadTheSame, 1000],
    [races.raceForDrawnNames, 100],
    [races.raceForName, 100],
    [races.raceToConnect, 200],
    [races.raceInRing, 100],
  ];
  for (const [race, count] of many) {
    await using network = await Network.start();
    await race(network, count);
    console.log(`${race.name}: ${count}`);
  }
}

/** Connections of a flood, and those that are let in at the port of commands: it has room for 256. */
const FLOOD = 2000;
const COMMANDS = 200;
/** Milliseconds of each: longer than a handshake may take, and than a silent side is waited for. */
const FLOOD_TIME = 15_000;

async function runFloods(kinds: readonly PortKind[]): Promise<void> {
  for (const kind of kinds) {
    for (const abuse of [...STRANGERS, ...INSIDERS]) {
      await using target = await startTarget(kind, 8);
      const connections = kind === "command" && isInsider(abuse) ? COMMANDS : FLOOD;
      const figures = await flood(target, { abuses: [abuse], connections, time: FLOOD_TIME });
      console.log(`${kind}, ${connections} × "${abuse}": ${describeFlood(figures)}`);
      if (target.daemon === undefined) continue;
      await using gpmd = await target.daemon.connect();
      console.log(`  counted: ${JSON.stringify((await gpmd.status()).connections)}`);
    }
  }
}

const { _: [what, ...which], minutes, ...others } = parseArgs(Deno.args.filter((one) => one !== "--"), {
  string: ["minutes"],
  default: { minutes: "10" },
});
if (Object.keys(others).length > 0) {
  console.log(USAGE);
  Deno.exit("help" in others ? 0 : 2);
}
const began = performance.now();
switch (what) {
  case undefined:
    await runSoak(Number(minutes));
    break;
  case "crashes":
    await runCrashes();
    break;
  case "write-backs":
    console.log(await killWriteBacks({ kills: 200, files: 300, progress: everyFifty("gvm") }));
    break;
  case "power-cuts":
    console.log(await cutPower({ changes: 60, randomDisks: 20 }));
    break;
  case "races":
    await runRaces();
    break;
  case "storm":
    console.log(await storm(1000, 60));
    break;
  case "flood":
    await runFloods(which.length === 0 ? PORT_KINDS : which as PortKind[]);
    break;
  case "devices":
    await runDevices(which.length === 0 ? DEVICE_RUNS : which.map(String), Number(minutes));
    break;
  default:
    console.error(`soak: there is no "${what}"\n\n${USAGE}`);
    Deno.exit(2);
}
console.log(`in ${((performance.now() - began) / 1000).toFixed(0)} s`);
