/** Mutated components go through all that reads and runs them: each is refused by name, or works, or traps, in bounded time. */
import { GhostError } from "../../gmp/errors.ts";
import { readComponent } from "../../gmp/wasm_format/component/component_reader.ts";
import { validateComponent } from "../../gmp/wasm_format/component/component_validator.ts";
import { worldOf } from "../../gmp/wasm_format/component/component_world.ts";
import { formatWit } from "../../gmp/wasm_format/component/wit_text.ts";
import { ComponentTrap } from "../../gvm/component/trap.ts";
import { DEFAULT_LIMITS } from "../../gvm/engine/execution_limits.ts";
import { functionKey, instantiateLoaded } from "../../gvm/engine/instantiate_component.ts";
import { loadComponent } from "../../gvm/engine/load_component.ts";
import { MemoryBudget } from "../../gvm/engine/memory_budget.ts";
import { ExitStatus } from "../../gvm/wasi/mod.ts";
import { componentDeclarations } from "../../gpmd/declarations/component_declarations.ts";
import { Random } from "../gmp/_wire.ts";
import { mutateComponent, sectionsOf } from "./_mutate_component.ts";
import { randomValue } from "./_random_type_values.ts";

const IDENTITY = { name: "mutant", version: "v1.0.0", hash: "" };
const LIMITS = { ...DEFAULT_LIMITS, memory: 1 << 25, tableElements: 10_000, files: 1 << 20 };
const STREAM = { isTerminal: false, write: () => {} };
/** Milliseconds that one mutant may take to be read, and a call until it is ended. */
const READING_TIME = 5000;
const CALL_TIME = 100;
/** What TypeScript's library does not declare yet. */
const { Exception, SuspendError } = WebAssembly as unknown as Record<string, new (...args: never[]) => Error>;

/** What a run of the fuzzer came to. */
interface ComponentFigures {
  refused: number;
  accepted: number;
  /** Accepted ones that were instantiated. */
  ran: number;
  calls: number;
  /** Calls that returned. */
  returned: number;
}

/** How a run is done. */
interface ComponentFuzzOptions {
  /** Valid components. */
  readonly corpus: readonly Uint8Array[];
  readonly count: number;
  /** All of the run follows from it. */
  readonly seed: number;
  /** The number of the first mutant. */
  readonly first?: number;
  /** Told the number of each mutant before it is made. */
  readonly told?: (number: number) => void;
}

/** Runs the fuzzer. @throws {Error} naming seed and number of the first mutant that does anything else. */
export async function fuzzComponents(
  { corpus, count, seed, first = 0, told }: ComponentFuzzOptions,
): Promise<ComponentFigures> {
  const parsed = corpus.map(sectionsOf);
  const figures = { refused: 0, accepted: 0, ran: 0, calls: 0, returned: 0 };
  for (let number = first; number < first + count; number++) {
    told?.(number);
    const random = new Random(new Random(seed ^ Math.imul(number, 0x9e37_79b1)).below(2 ** 32));
    const mutant = mutateComponent(random, random.of(parsed), parsed);
    try {
      if (!isValid(mutant)) {
        figures.refused++;
        continue;
      }
      figures.accepted++;
      await run(random, mutant, figures);
    } catch (cause) {
      throw new Error(`Failed with seed ${seed}, mutant ${number}: ${cause}`, { cause });
    }
  }
  return figures;
}

/** Whether a mutant is valid. @throws {Error} for anything but a refusal, in time. */
function isValid(mutant: Uint8Array): boolean {
  const began = performance.now();
  const refusal = refusalOf(mutant);
  const took = performance.now() - began;
  if (took > READING_TIME) throw new Error(`Reading took ${took} ms`);
  return refusal === undefined;
}

function refusalOf(mutant: Uint8Array): string | undefined {
  try {
    const type = validateComponent(mutant, readComponent(mutant));
    worldOf(type);
    formatWit(type, 200_000);
    componentDeclarations(type, "mutant");
    return undefined;
  } catch (error) {
    if (error instanceof GhostError && error.code === "NOT_A_MODULE") return error.message;
    throw error;
  }
}

async function run(
  random: Random,
  mutant: Uint8Array<ArrayBuffer>,
  figures: ComponentFigures,
): Promise<void> {
  const memory = new MemoryBudget(LIMITS, { whose: "the fuzzer" });
  const suspension = { suspended: () => {}, resumed: () => {} };
  const make = async () => {
    const component = await loadComponent(mutant, IDENTITY, LIMITS);
    const compiled = { ...IDENTITY, component, waits: component.waits };
    const options = { args: [], stdout: STREAM, stderr: STREAM };
    return { component, instance: instantiateLoaded(compiled, options, memory, suspension) };
  };
  const made = await orFailure(make);
  if (made === undefined) return;
  figures.ran++;
  const { component: { functions }, instance } = made;
  for (let calls = Math.min(functions.length, 4); calls > 0; calls--) {
    const { interface: whole, name, type } = random.of(functions);
    const wrongs = random.below(3) === 0 ? 4 : 0;
    const args = type.parameters.map(({ type }) => randomValue(random, type, wrongs));
    figures.calls++;
    const timer = setTimeout(
      () => instance.abort(new GhostError("TIME_LIMIT", "It took too long")),
      CALL_TIME,
    );
    const result = await orFailure(async () => ({
      value: await instance.callable(functionKey(whole, name))(...args),
    }));
    clearTimeout(timer);
    if (result !== undefined) figures.returned++;
  }
  instance.memory.drop();
}

/** What `act` gives; `undefined` if it failed as it may. */
async function orFailure<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (mayHappen(error)) return undefined;
    throw error;
  }
}

/** Whether it is an error with a name, or a trap. */
function mayHappen(error: unknown): boolean {
  if (error instanceof GhostError) return error.code !== "INTERNAL";
  return error instanceof ComponentTrap || error instanceof WebAssembly.RuntimeError ||
    error instanceof Exception! || error instanceof SuspendError! || error instanceof ExitStatus ||
    error instanceof RangeError && error.message.includes("call stack");
}
