import { assert, assertEquals, assertThrows } from "@std/assert";
import { component, leb, section } from "./_bytes.ts";
import { GhostError } from "../../../../gmp/errors.ts";
import { readComponent } from "../../../../gmp/wasm_format/component/component_reader.ts";
import { validateComponent } from "../../../../gmp/wasm_format/component/component_validator.ts";

const GREETER = Deno.readFileSync(new URL("../../../../examples/greeter/greeter.wasm", import.meta.url));

function validate(bytes: Uint8Array) {
  return validateComponent(bytes, readComponent(bytes));
}

function assertRefused(bytes: Uint8Array, message: string): void {
  const error = assertThrows(() => validate(bytes), GhostError, message);
  assertEquals(error.code, "NOT_A_MODULE");
}

/** A type section of `types`, each given as its bytes. */
function types(...types: number[][]): number[] {
  const content = [...leb(types.length), ...types.flat()];
  return [7, ...leb(content.length), ...content];
}

Deno.test("a component has the type that its imports and exports give it", () => {
  const type = validate(GREETER);
  assertEquals([...type.imports.keys()], []);
  assert([...type.exports.values()].every((one) => one.sort === "instance" || one.sort === "func"));
  const empty = validate(component());
  assertEquals([empty.imports.size, empty.exports.size], [0, 0]);
});

Deno.test("what is wrong is said, and at which byte", () => {
  const prefix = "Cannot read the module: ";
  assertRefused(component(types([0x70, 5])), `${prefix}type 5 is named and there are 0, at byte 11`);
  assertRefused(
    component(types([0x72, 1, 2, 0x41, 0x62, 0x73])),
    "the name Ab of a field is not in kebab case",
  );
  assertRefused(
    component(types([0x40, 0, 1, 0]), section(10, 1, 0, "a_b", 1, 0)),
    "the import a_b has neither a name in kebab case nor one of the form namespace:package/interface@1.0.0, at byte 18",
  );
  assertRefused(component(section(8, 1, [0x01, 0, 0, 0])), "func 0 is named and there are 0, at byte 11");
  assertRefused(component(section(11, 1, 0, "f", 1, 0, 0)), "func 0 is named and there are 0");
  assertRefused(
    component(section(9, 0, 0, 0)),
    "a start function or a value of its own, which are not supported",
  );
  assertRefused(
    component([1, 11, 0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 14, 1, 0]),
    "in the core module at byte 10 there is no section of id 14, at byte 18",
  );
});

Deno.test("a resource has a name outside only where it comes from an export, not where another one is the same", () => {
  const inner = component(section(10, 1, 0, "x", 3, 1), section(11, 1, 0, "y", 3, 0, 0));
  // Two instances are given one resource and export it. One of them is exported, and so is a function that takes the resource.
  const taking = (instance: number) =>
    component(
      types([0x3f, 0x7f, 0]),
      [4, ...leb(inner.length), ...inner],
      section(5, 2, [0, 0, 1, 1, 0x78, 3, 0], [0, 0, 1, 1, 0x78, 3, 0]),
      section(11, 1, 0, "c", 5, 0, 0),
      section(6, 1, 3, 0, instance, "y"),
      section(8, 1, [3, 1]),
      types([0x69, 1], [0x40, 1, 1, 0x78, 2, 1, 0]),
      section(8, 1, [0, 0, 0, 0, 3]),
      section(11, 1, 0, "f", 1, 0, 0),
    );
  for (const exported of [0, 2]) validate(taking(exported)); // the first, and what the export has made of it
  assertRefused(taking(1), "the export f uses a record, variant, enum, flags or resource that has no name");
});

Deno.test("types that each use the one before twice are checked once each", () => {
  // tuple<list<T>, list<T>>, 45 times: a walk without memory would take 2^45 steps, and not end.
  const doubling: number[][] = [[0x73]];
  for (let i = 0; i < 90; i += 2) {
    doubling.push([0x70, ...signed(i)], [0x6f, 2, ...signed(i + 1), ...signed(i + 1)]);
  }
  const last = doubling.length - 1;
  validate(component(types(...doubling)));
  // A component imports it as the same type, made once more; so that both are compared.
  const inner = component(types(...doubling), section(10, 1, 0, "t", 3, 0, last));
  validate(component(
    types(...doubling),
    [4, ...leb(inner.length), ...inner],
    section(5, 1, 0, 0, 1, "t", 3, last),
  ));
});

Deno.test("values that would take gigabytes are refused where their type is", () => {
  const tuples: number[][] = [[0x6f, 1, 0x77]];
  for (let i = 0; i < 30; i++) tuples.push([0x6f, 2, ...signed(i), ...signed(i)]);
  assertRefused(component(types(...tuples)), "a value of the tuple takes 268435456 bytes or more");
  assertRefused(
    component(types([0x67, 0x7d, ...leb(0xffffffff)])),
    "a value of the list takes 268435456 bytes",
  );
});

Deno.test("instances that each have the one before twice, and a resource, end at a limit", () => {
  // Each import of the last one would make 2^40 resources.
  const instances: number[][] = [[0x42, 1, 0x04, 0, 1, 0x72, 3, 1]];
  for (let i = 0; i < 40; i++) {
    const both = ["a", "b"].flatMap((name) => [0x04, 0, 1, name.charCodeAt(0), 5, 0]);
    instances.push([0x42, 3, 0x02, 3, 2, 1, i, ...both]);
  }
  const began = performance.now();
  assertRefused(
    component(types(...instances)),
    "checking the types of one definition takes over 50000 steps",
  );
  assert(performance.now() - began < 10_000);
});

Deno.test("types are inside each other up to a limit", () => {
  const lists: number[][] = [[0x70, 0x73]];
  for (let i = 0; i < 99; i++) lists.push([0x70, ...signed(i)]);
  validate(component(types(...lists)));
  assertRefused(
    component(types(...lists, [0x70, ...signed(99)])),
    "types are inside each other over 100 deep",
  );
  const bags: number[][] = [[0x01, 0]];
  for (let i = 0; i < 5000; i++) bags.push([0x01, 1, 0, 1, 0x61, 5, ...leb(i)]);
  const content = [...leb(bags.length), ...bags.flat()];
  assertRefused(component([5, ...leb(content.length), ...content]), "inside each other over 100 deep");
});

Deno.test("values are passed in memories that no threads share, and of 32-bit addresses", () => {
  const lowered = (limits: number[]) => {
    const module = [
      0,
      0x61,
      0x73,
      0x6d,
      1,
      0,
      0,
      0,
      5,
      limits.length + 1,
      1,
      ...limits,
      7,
      5,
      1,
      1,
      0x6d,
      2,
      0,
    ];
    return component(
      types([0x40, 1, 1, 0x61, 0x73, 1, 0]),
      section(10, 1, 0, "f", 1, 0),
      [1, module.length, ...module],
      section(2, 1, 0, 0, 0),
      section(6, 1, 0, 2, 1, 0, "m"),
      section(8, 1, 1, 0, 0, 1, 3, 0),
    );
  };
  validate(lowered([0, 1]));
  assertRefused(lowered([3, 1, 1]), "values are passed in a memory that threads share");
  assertRefused(lowered([4, 1]), "values are passed in a memory of 64-bit addresses, which is not supported");
});

/** A type index, which is a signed LEB128 integer. */
function signed(index: number): number[] {
  return index < 64 ? [index] : [(index & 127) | 128, ...signed(index >>> 7)];
}

/** How many places the fuzzer passes over at a time; it begins at a random one. */
const STRIDE = 16;

Deno.test("a component of a compiler, changed in any way, is refused as a module or accepted", () => {
  const description = readComponent(GREETER);
  const core = description.definitions.flatMap((one) => one.kind === "core module" ? [one.range] : []);
  const places = Array.from(GREETER.keys()).filter((at) =>
    !core.some(({ start, end }) => at >= start + 8 && at < end)
  );
  const offset = crypto.getRandomValues(new Uint8Array(1))[0]! % STRIDE;
  console.log(`offset ${offset}`);
  let refused = 0;
  for (let index = offset; index < places.length; index += STRIDE) {
    const at = places[index]!;
    for (const value of [GREETER[at]! ^ 1, GREETER[at]! + 1, 0, 0xff]) {
      const changed = GREETER.slice();
      changed[at] = value;
      try {
        validate(changed);
      } catch (error) {
        assert(error instanceof GhostError && error.code === "NOT_A_MODULE", `${at} ${value}: ${error}`);
        refused += 1;
      }
    }
  }
  assert(refused > places.length / STRIDE);
});
