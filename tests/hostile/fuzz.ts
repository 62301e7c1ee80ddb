/**
 * `deno task fuzz [--frames=1000000] [--seed=N] [--port=command|gmp|front-door|executor] [--first=N]`: the fuzzer, a fourth
 * of the frames at each of the four kinds of port by default. `deno task fuzz record` records anew what it mutates.
 */
import { parseArgs } from "@std/cli/parse-args";
import { PORT_KINDS, type PortKind } from "./_conversation.ts";
import { describe, fuzz } from "./_fuzz.ts";
import { record } from "./record.ts";

const args = parseArgs(Deno.args.filter((one) => one !== "--"), {
  string: ["frames", "seed", "port", "first"],
});
if (args._[0] === "record") {
  await record();
} else {
  const ports = args.port === undefined ? PORT_KINDS : [args.port as PortKind];
  const seed = Number(args.seed ?? Math.floor(Math.random() * 2 ** 32));
  const frames = Math.ceil(Number(args.frames ?? 1_000_000) / ports.length);
  for (const port of ports) {
    console.log(`--port=${port} --frames=${frames} --seed=${seed}`);
    const began = performance.now();
    const figures = await fuzz({
      port,
      frames,
      seed,
      first: Number(args.first ?? 0),
      progress: (line) => console.log(`  ${line}`),
    });
    console.log(`${describe(figures)}\n${((performance.now() - began) / 1000).toFixed(0)} s\n`);
  }
}
