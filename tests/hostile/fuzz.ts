/**
 * `deno task fuzz [--frames=1000000] [--seed=N] [--port=command|gmp|front-door|executor] [--first=N]`: the fuzzer, a fourth
 * of the frames at each of the four kinds of port by default. `deno task fuzz record` records anew what it mutates.
 *
 * `deno task fuzz components [--count=100000] [--seed=N] [--first=N]`: mutates components, and reads and runs them; those of the
 * official tests too if COMPONENT_MODEL_SUITE names a checkout of them, and small ones in the directory COMPONENT_FILES.
 */
import { parseArgs } from "@std/cli/parse-args";
import { PORT_KINDS, type PortKind } from "./_conversation.ts";
import { componentsIn, componentsOfSuite, ownComponents } from "./_component_corpus.ts";
import { fuzzComponents } from "./_component_fuzz.ts";
import { describe, fuzz } from "./_fuzz.ts";
import { record } from "./record.ts";

const args = parseArgs(Deno.args.filter((one) => one !== "--"), {
  string: ["frames", "seed", "port", "first", "count"],
});
if (args._[0] === "record") {
  await record();
} else if (args._[0] === "components") {
  const suite = Deno.env.get("COMPONENT_MODEL_SUITE");
  const files = Deno.env.get("COMPONENT_FILES");
  const seed = Number(args.seed ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`components --seed=${seed}`);
  const figures = await fuzzComponents({
    corpus: [
      ...await ownComponents(),
      ...suite === undefined ? [] : await componentsOfSuite(suite),
      ...files === undefined ? [] : await componentsIn(files),
    ],
    count: Number(args.count ?? 100_000),
    seed,
    first: Number(args.first ?? 0),
    told: (number) => number % 10_000 === 0 && console.log(`  ${number}`),
  });
  console.log(figures);
  Deno.exit(); // the assembler of the suite keeps a thread
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
