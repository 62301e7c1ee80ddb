// A component calls the built-in functions and the imports of WASI 0.3 in any order, mostly with handles that it has and sometimes
// with any number: what ends it is a trap, or an error that has a name.
import { assert } from "@std/assert";
import { GhostError } from "../../../../gmp/errors.ts";
import { ComponentTrap } from "../../../../gvm/component/trap.ts";
import { DEFAULT_LIMITS } from "../../../../gvm/engine/execution_limits.ts";
import { instantiateLoaded } from "../../../../gvm/engine/instantiate_component.ts";
import { MemoryBudget } from "../../../../gvm/engine/memory_budget.ts";
import { InputQueue, Snapshot } from "../../../../gvm/wasi/mod.ts";
import { fixture, load } from "../../component/_fixtures.ts";
import { generator } from "../_generator.ts";

const ROUNDS = 300;
const STEPS = 150;
/** One argument in so many is any number. */
const RARELY = 150;
const NUMBERS = [0, 1, 5, 16, 64, 0x2fffff, 0x300000, 2 ** 28 - 1, 2 ** 28, 0x7fffffff, 0xffffffff];
const NO_WAITABLES = new Set<string>(["set", "error", "descriptor"]);
/** Milliseconds after which a step that waits is ended, with its guest. */
const PATIENCE = 10;

/** A stream or a future, and which end of it. */
type End =
  | "bytes in"
  | "bytes out"
  | "entries in"
  | "strings in"
  | "strings out"
  | "done"
  | "number in"
  | "number out";
/** What a handle is to: an end may be busy, or at its end. */
type Kind = End | `busy ${End}` | `over ${End}` | "set" | "subtask" | "error" | "descriptor";

/** What an argument is: a handle, one that is given away, or a number. */
type Argument = Kind | `away ${Kind}` | "any" | "at" | "count" | "few" | "none";

/** A function of the fixture by its number there: its arguments, and what its result has, low or high half. */
interface Call {
  readonly what: number;
  readonly args: readonly Argument[];
  readonly low?: Kind;
  readonly high?: Kind;
  /** The result is of an asynchronous call, of a copy of its first argument, or has an error in its low half. */
  readonly is?: "started" | "copied" | "opened";
  /** How often it is called, 4 by default. */
  readonly often?: number;
}

const ONCE: readonly Call[] = [
  { what: 0, args: [], low: "bytes in", high: "bytes out", often: 3 },
  ...copies("bytes in", 1, "count", 2),
  ...copies("bytes out", 3, "count", 4),
  ...cancels("bytes in", 5, 6),
  ...cancels("bytes out", 7, 8),
  ...drops("bytes in", 9),
  ...drops("bytes out", 10),
  ...copies("entries in", 11, "few"),
  ...drops("entries in", 14),
  { what: 15, args: [], low: "strings in", high: "strings out", often: 1 },
  ...copies("strings in", 16, "few"),
  ...copies("strings out", 17, "few"),
  ...copies("done", 18, "none", 19),
  ...drops("done", 20),
  { what: 21, args: [], low: "number in", high: "number out" },
  ...copies("number in", 22, "none"),
  ...copies("number out", 23, "none"),
  ...cancels("number in", 24),
  ...cancels("number out", 25),
  ...drops("number in", 26),
  { what: 27, args: ["away over number out"] },
  { what: 28, args: [], low: "set" },
  { what: 29, args: ["set", "at"], often: 1 },
  { what: 30, args: ["set", "at"], often: 6 },
  { what: 31, args: ["away set"], often: 1 },
  { what: 32, args: ["any", "set"], often: 4 },
  { what: 32, args: ["any", "none"], often: 2 },
  { what: 33, args: ["subtask"], often: 1 },
  { what: 34, args: ["subtask"], often: 1 },
  { what: 35, args: ["away subtask"], often: 1 },
  { what: 36, args: ["none", "at", "count"], low: "error" },
  { what: 37, args: ["error", "at"] },
  { what: 38, args: ["away error"] },
  { what: 39, args: ["count"] },
  { what: 40, args: [] },
  { what: 43, args: [], often: 3 },
  { what: 44, args: [] },
  { what: 46, args: ["away descriptor"] },
  { what: 47, args: ["none", "at"], low: "descriptor" },
  { what: 48, args: ["descriptor", "at", "few"], high: "descriptor", is: "opened", often: 2 },
  { what: 50, args: ["descriptor", "at", "few"], low: "bytes in", high: "done", often: 2 },
  { what: 51, args: ["descriptor", "away bytes in", "few"], low: "done", often: 2 },
  { what: 52, args: ["descriptor", "away bytes in"], low: "done", often: 2 },
  { what: 53, args: ["descriptor", "at"], low: "entries in", high: "done" },
  { what: 54, args: ["none", "at"], low: "bytes in" },
  { what: 55, args: ["away bytes in"] },
  { what: 56, args: ["count"], is: "started" },
  { what: 57, args: ["away bytes in"], is: "started" },
  { what: 58, args: ["away bytes in", "at"], is: "started" },
];
const CALLS = ONCE.flatMap((call) => Array.from({ length: call.often ?? 4 }, () => call));

/** Copies to or from an end; that by the other function, if there is one, waits. */
function copies(end: End, what: number, length: Argument, waiting?: number): Call[] {
  const args = [end, "at", length] as const;
  const copying: Call = { what, args, is: "copied", often: 8 };
  return waiting === undefined ? [copying] : [copying, { what: waiting, args, is: "copied", often: 1 }];
}

function cancels(end: End, ...whats: readonly number[]): Call[] {
  return whats.map((what) => ({ what, args: [`away busy ${end}`], is: "copied", often: 2 }));
}

function drops(end: End, what: number): Call[] {
  return [{ what, args: [`away ${end}`], often: 1 }, { what, args: [`away over ${end}`], often: 4 }];
}

const component = await load(fixture("wasi_calls"));

/** A guest, and what it has. */
class Player {
  readonly steps: string[] = [];
  readonly #random: () => number;
  readonly #has = new Map<Kind, number[]>();
  readonly #instance;

  constructor(seed: number) {
    const random = this.#random = generator(seed * 2654435761 | 1);
    const { fileSystem } = new Snapshot([
      { type: "file", path: "file", bytes: new Uint8Array(1000), modifiedAt: 0n },
    ]);
    const sink = { write: () => random() % 4 === 0 ? Promise.resolve() : undefined };
    this.#instance = instantiateLoaded(
      { name: "test", version: "v1.0.0", hash: "", component, waits: true },
      {
        args: [],
        stdin: new InputQueue([new Uint8Array(100)], random() % 2 === 0),
        stdout: sink,
        stderr: sink,
        preopens: [{ name: "/", fileSystem }],
      },
      new MemoryBudget(DEFAULT_LIMITS, { whose: "the test" }),
      { suspended() {}, resumed() {} },
    );
  }

  pick<T>(values: readonly T[]): T {
    return values[this.#random() % values.length]!;
  }

  /** One call of the guest; one that waits for too long ends it. */
  async step(): Promise<void> {
    const call = this.pick(CALLS);
    const args = call.args.map((one) => this.#argument(one));
    if (args.includes(undefined)) return; // it has none of these
    this.steps.push(`${call.what}(${args})`);
    const timer = setTimeout(() => this.end(), PATIENCE);
    try {
      this.#learn(call, args as number[], await this.call(call.what, ...args as number[]));
    } finally {
      clearTimeout(timer);
    }
  }

  async call(what: number, a = 0, b = 0, c = 0): Promise<bigint> {
    return await this.#instance.callable("step")(what, a, b, c) as bigint;
  }

  end(): void {
    this.#instance.abort(OVER);
  }

  drop(): void {
    this.end();
    this.#instance.memory.drop();
  }

  #argument(kind: Argument): number | undefined {
    if (this.#random() % RARELY === 0) return this.pick([...NUMBERS, this.#random() % 20, this.#random()]);
    if (kind === "at") return 128 + 8 * (this.#random() % 64);
    if (kind === "count") return this.pick([0, 1, 8, 100, 5000]);
    if (kind === "none") return 0;
    if (kind === "few") return this.#random() % 4;
    if (kind === "any") {
      const waitable = [...this.#has].flatMap(([one, all]) => NO_WAITABLES.has(one) ? [] : all);
      return waitable.length === 0 ? undefined : this.pick(waitable);
    }
    const isAway = kind.startsWith("away ");
    const handles = this.#has.get((isAway ? kind.slice(5) : kind) as Kind) ?? [];
    if (handles.length === 0) return undefined;
    const index = this.#random() % handles.length;
    return isAway ? handles.splice(index, 1)[0] : handles[index];
  }

  /** Remembers what it has got. */
  #learn({ args: [first], low, high, is }: Call, [handle]: readonly number[], result: bigint): void {
    if (low !== undefined) this.#keep(low, Number(result & 0xffffffffn));
    if (high !== undefined && (is !== "opened" || (result & 0xffn) === 0n)) {
      this.#keep(high, Number(result >> 32n));
    }
    if (is === "started" && (result & 15n) < 2n) this.#keep("subtask", Number(result >> 4n));
    if (is !== "copied") return;
    const end = first!.replace(/^away /, "").replace(/^busy /, "") as End;
    const handles = this.#has.get(end) ?? [];
    if (handles.includes(handle!)) handles.splice(handles.indexOf(handle!), 1);
    const isFuture = end === "done" || end.startsWith("number");
    const isOver = isFuture ? (result & 15n) < 2n : (result & 15n) === 1n;
    this.#keep(result === 0xffffffffn ? `busy ${end}` : isOver ? `over ${end}` : end, handle!);
  }

  #keep(kind: Kind, handle: number): void {
    const handles = this.#has.get(kind);
    if (handles === undefined) this.#has.set(kind, [handle]);
    else handles.push(handle);
  }
}

const OVER = new Error("the round is over");

Deno.test("calls of any kind, in any order, end a guest by a trap or a named error at most", async () => {
  let steps = 0;
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const player = new Player(seed);
    try {
      await play(player, `seed ${seed}`);
    } finally {
      player.drop();
    }
    steps += player.steps.length;
  }
  assert(steps > 15 * ROUNDS, `${steps} steps`);
});

async function play(player: Player, which: string): Promise<void> {
  try {
    for (let step = 0; step < STEPS; step++) await player.step();
  } catch (error) {
    const told = `${which}: ${player.steps.slice(-8).join(" ")}: ${inspect(error)}`;
    assert(isExpected(error), told);
    // It is over, and stays so.
    const after = await player.call(44).catch((again) => again);
    assert(isExpected(after), `${told}; then ${inspect(after)}`);
  }
}

function isExpected(error: unknown): boolean {
  return error === OVER || error instanceof ComponentTrap || error instanceof WebAssembly.RuntimeError ||
    error instanceof GhostError && ["MEMORY_LIMIT", "PAYLOAD_TOO_LARGE"].includes(error.code);
}

function inspect(error: unknown): string {
  return error instanceof Error ? `${error.stack}` : Deno.inspect(error);
}
