// Components of a few bytes whose types take gigabytes, or minutes, for whoever walks over them without counting.
import { assert, assertEquals } from "@std/assert";
import { component, leb, longSection as section, longText as text, vector } from "./_bytes.ts";
import { GhostError } from "../../../../gmp/errors.ts";
import { readComponent } from "../../../../gmp/wasm_format/component/component_reader.ts";
import { validateComponent } from "../../../../gmp/wasm_format/component/component_validator.ts";
import { worldOf } from "../../../../gmp/wasm_format/component/component_world.ts";
import { formatWit } from "../../../../gmp/wasm_format/component/wit_text.ts";

/** Milliseconds that one of them may take; without limits it is minutes, or memory ends first. */
const PATIENCE = 10_000;
const STEPS = "checking its types takes over 500000 steps";

const TYPES = 7;
const IMPORTS = 10;
const EXPORTS = 11;

function times(count: number, item: (index: number) => number[]): number[] {
  return vector(...Array.from({ length: count }, (_, index) => item(index)));
}

/** A name that no other index has. */
function named(index: number): number[] {
  return text(`n${index.toString(36)}`);
}

/** Reads, validates and describes a component, in bounded time; says why it was refused, if it was. */
function refusalOf(bytes: Uint8Array): string | undefined {
  const began = performance.now();
  try {
    const type = validateComponent(bytes, readComponent(bytes));
    worldOf(type);
    formatWit(type, 200_000);
    return undefined;
  } catch (error) {
    assert(error instanceof GhostError && error.code === "NOT_A_MODULE", String(error));
    return error.message;
  } finally {
    const took = performance.now() - began;
    assert(took < PATIENCE, `it took ${took} ms`);
  }
}

function assertRefused(bytes: Uint8Array, why: string): void {
  const refusal = refusalOf(bytes) ?? "not refused";
  assert(refusal.includes(why), refusal);
}

/** (func (param "n0" u8) (param "n1" u8) …) */
function functionType(parameters: number): number[] {
  return [0x40].concat(times(parameters, (index) => [...named(index), 0x7d]), [1, 0]);
}

Deno.test("instances that have the one before twice, and an outer resource, are looked at once each", () => {
  const instances = [[0x42].concat(vector([2, 3, 2, 1, 0], [4, 0, ...text("x"), 3, 0, 0]))];
  for (let i = 1; i <= 40; i++) {
    const both = ["a", "b"].map((name) => [4, 0, ...text(name), 5, 0]);
    instances.push([0x42].concat(vector([2, 3, 2, 1, i], ...both)));
  }
  const inner = component(section(6, vector([3, 2, 1, 41]))); // an alias of the last one
  assertRefused(
    component(section(TYPES, vector([0x3f, 0x7f, 0], ...instances)), section(4, Array.from(inner))),
    "type 41 of an outer component is aliased and refers to resources",
  );
});

Deno.test("each field of a type counts when an instance gets resources of its own", () => {
  const fields = times(10_000, (index) => [...named(index), 1]);
  const instance = [0x42].concat(vector(
    [4, 0, ...text("r"), 3, 1],
    [1, 0x69, 0],
    [1, 0x72].concat(fields),
    [4, 0, ...text("all"), 3, 0, 2],
  ));
  const imports = times(20_000, (index) => [0, ...named(index), 5, 0]);
  assertRefused(component(section(TYPES, vector(instance)), section(IMPORTS, imports)), STEPS);
});

Deno.test("each parameter counts when functions are exported, lifted or lowered", () => {
  const types = section(TYPES, vector(functionType(10_000)));
  const imports = section(IMPORTS, vector([0, ...text("f"), 1, 0]));
  const exports = times(25_000, (index) => [0, ...named(index), 1, 0, 1, 1, 0]);
  assertRefused(component(types, imports, section(EXPORTS, exports)), STEPS);
  const memory = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 0, 1, 7, 5, 1, 1, 0x6d, 2, 0];
  const core = [section(1, memory), section(2, vector([0, 0, 0])), section(6, vector([0, 2, 1, 0, 1, 0x6d]))];
  const lowers = section(8, times(20_000, () => [1, 0, 0, 1, 3, 0]));
  assertRefused(component(types, imports, ...core, lowers), STEPS);
});

Deno.test("each name of an enum counts when two are compared", () => {
  const types = section(TYPES, vector([0x6d].concat(times(10_000, named))));
  const inner = component(types, section(IMPORTS, vector([0, ...text("t"), 3, 0, 0])));
  const instances = section(5, times(2000, () => [0, 0, 1, ...text("t"), 3, 0]));
  assertRefused(component(types, section(4, Array.from(inner)), instances), STEPS);
});

Deno.test("a type that has got another name 20,000 times is replaced like any other", () => {
  const count = 20_000;
  const exports = times(count, (index) => [0, ...named(index), 3, ...leb(index), 0]);
  const instance = [0x42].concat(
    vector([2, 3, 2, 1, ...leb(count)], [4, 0, ...text("r"), 3, 1], [4, 0, ...text("x"), 3, 0, 0]),
  );
  assertEquals(
    refusalOf(component(
      section(TYPES, vector([0x6d, 1, ...text("a")])),
      section(EXPORTS, exports),
      section(TYPES, vector(instance)),
      section(IMPORTS, vector([0, ...text("i"), 5, ...leb(count + 1)])),
    )),
    undefined,
  );
});

/** A component that imports a type of a name, and `count` functions of a tuple with `part` in it, `width` times. */
function wide(name: string, part: number[], width: number, count: number): Uint8Array {
  return component(
    section(TYPES, vector([0x6d, 1, ...text("a")])),
    section(IMPORTS, vector([0, ...text(name), 3, 0, 0])),
    section(TYPES, vector([0x6f].concat(times(width, () => part)), [0x40, 1, ...text("p"), 2, 1, 0])),
    section(IMPORTS, times(count, (index) => [0, ...named(index), 1, 3])),
  );
}

Deno.test("the tables of functions count the parts of types, too", () => {
  const u8 = [0x7d];
  assertRefused(wide("t", u8, 16_384, 1), "the function n0 has over 4096 types, or 16384 parts of them");
  assertEquals(refusalOf(wide("t", u8, 16_383, 12)), undefined);
  assertRefused(
    wide("t", u8, 16_383, 13),
    "its functions have over 200000 types, and parts of them, together",
  );
});

Deno.test("a long name that a type uses thousands of times is written only as often as it fits", () => {
  assertEquals(refusalOf(wide("a".repeat(100_000), [1], 16_000, 1)), undefined);
});
