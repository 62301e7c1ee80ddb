// The official tests of the component model: what must be refused, and what must be accepted.
import { assert, assertEquals } from "@std/assert";
import { walk } from "@std/fs/walk";
import { join, relative } from "@std/path";
import { GhostError } from "../../../../gmp/errors.ts";
import { readComponent } from "../../../../gmp/wasm_format/component/component_reader.ts";
import { validateComponent } from "../../../../gmp/wasm_format/component/component_validator.ts";
import type { ComponentDescription } from "../../../../gmp/wasm_format/component/component_description.ts";
import {
  type Assemble,
  binaryOf,
  type Form,
  headOf,
  loadAssembler,
  parseForms,
} from "../../../tools/wast.ts";

const SUITE = Deno.env.get("COMPONENT_MODEL_SUITE");
if (SUITE === undefined) {
  console.log("Skipping WebAssembly/component-model: COMPONENT_MODEL_SUITE does not name a checkout of it");
}

// Not in a test: the assembler keeps a thread.
const assembler = SUITE === undefined ? undefined : await loadAssembler();

/** How many forms of each folder must be refused, and how many accepted. */
const COUNTS: Readonly<Record<string, readonly [refused: number, accepted: number]>> = {
  binary: [88, 35],
  validation: [361, 100],
  async: [4, 35],
  linking: [2, 65],
  resources: [0, 8],
  values: [0, 41],
};

/** Forms that the assembler does not know any more. */
const UNASSEMBLED = ["cancellable.wast:13"];

for (const [folder, counts] of Object.entries(COUNTS)) {
  Deno.test({
    name: `test/${folder} of WebAssembly/component-model: ${counts[0]} are refused, ${counts[1]} accepted`,
    ignore: SUITE === undefined,
    async fn() {
      const { refused, accepted, failures } = await run(join(SUITE!, "test", folder));
      assertEquals(failures, []);
      assertEquals([refused, accepted], counts);
    },
  });
}

interface Outcome {
  refused: number;
  accepted: number;
  failures: string[];
}

async function run(folder: string): Promise<Outcome> {
  const assemble = assembler!;
  const outcome: Outcome = { refused: 0, accepted: 0, failures: [] };
  for await (const { path } of walk(folder, { exts: [".wast"], includeDirs: false })) {
    for (const form of parseForms(await Deno.readTextFile(path))) {
      if (UNASSEMBLED.includes(`${relative(folder, path)}:${form.line}`)) continue;
      const failure = await judge(form, assemble, outcome);
      if (failure !== undefined) outcome.failures.push(`${relative(folder, path)}:${form.line}: ${failure}`);
    }
  }
  return outcome;
}

async function judge(form: Form, assemble: Assemble, outcome: Outcome): Promise<string | undefined> {
  const head = headOf(form);
  const mustRefuse = head === "assert_invalid" || head === "assert_malformed";
  const subject = mustRefuse ? form.items![1]! : form;
  if (headOf(subject) !== "component" || subject.items![1]?.text === "instance") return undefined;
  const refusal = await refusalOf(subject, assemble, mustRefuse);
  if (mustRefuse) outcome.refused += 1;
  else outcome.accepted += 1;
  if (mustRefuse) return refusal === undefined ? `accepted, but ${form.items![2]!.text}` : undefined;
  return refusal;
}

/** Why a component is refused; those that are expected to be may be so as text already. */
async function refusalOf(form: Form, assemble: Assemble, mayBeText: boolean): Promise<string | undefined> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await binaryOf(form, assemble);
  } catch (error) {
    if (mayBeText) return `as text: ${error}`;
    throw error;
  }
  try {
    const description = readComponent(bytes);
    validateComponent(bytes, description);
    return coreModulesOf(description).every(({ start, end }) => WebAssembly.validate(bytes.slice(start, end)))
      ? undefined
      : "the engine refuses a core module";
  } catch (error) {
    assert(error instanceof GhostError && error.code === "NOT_A_MODULE", String(error));
    return error.message;
  }
}

function coreModulesOf({ definitions }: ComponentDescription): { start: number; end: number }[] {
  return definitions.flatMap((one) =>
    one.kind === "core module" ? [one.range] : one.kind === "component" ? coreModulesOf(one.component) : []
  );
}
