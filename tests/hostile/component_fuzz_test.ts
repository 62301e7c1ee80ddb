/** A short run of the fuzzer of components; `deno task fuzz components` is the long one. */
import { assert } from "@std/assert";
import { ownComponents } from "./_component_corpus.ts";
import { fuzzComponents } from "./_component_fuzz.ts";

const MUTANTS = 400;

Deno.test({
  name: "mutated components are refused by name, or work, or trap",
  sanitizeOps: false, // a component that waits for nothing is left to the collector
  async fn() {
    // Always the same ones: a mutant whose guest never ends would keep the suite.
    const seed = Number(Deno.env.get("SEED") ?? 1);
    const figures = await fuzzComponents({ corpus: await ownComponents(), count: MUTANTS, seed });
    const { refused, ran, returned } = figures;
    assert(refused > MUTANTS / 3 && ran > 0 && returned > 0, `seed ${seed}: ${JSON.stringify(figures)}`);
  },
});
