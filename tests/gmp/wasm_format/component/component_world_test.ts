import { assert, assertEquals, assertThrows } from "@std/assert";
import { component, leb, section } from "./_bytes.ts";
import { GhostError } from "../../../../gmp/errors.ts";
import { checkComponentSignature } from "../../../../gmp/types/check_types.ts";
import { readComponent } from "../../../../gmp/wasm_format/component/component_reader.ts";
import { validateComponent } from "../../../../gmp/wasm_format/component/component_validator.ts";
import { readWorld } from "../../../../gmp/wasm_format/component/component_world.ts";
import { namesOf, namesToCall } from "../../../../gmp/wasm_format/component/function_names.ts";
import { formatWit } from "../../../../gmp/wasm_format/component/wit_text.ts";

const GREETER = Deno.readFileSync(new URL("../../../../examples/greeter/greeter.wasm", import.meta.url));

Deno.test("the functions of a component have their types as tables, children before parents", () => {
  const { imports, exports } = readWorld(GREETER);
  assertEquals(imports, { functions: [], items: [] });
  assertEquals(exports.items, [{ name: "ghost:demo/greeter@1.0.0", kind: "interface" }]);
  const functions = new Map(exports.functions.map((one) => [one.name, one.signature]));
  assertEquals(functions.get("birthday"), {
    types: [
      ["option", "string"],
      ["list", "string"],
      ["record", [["name", "string"], ["age", "u32"], ["email", 0], ["tags", 1], ["balance", "f64"]]],
    ],
    parameters: [["p", 2]],
    result: 2,
  });
  assertEquals(functions.get("area"), {
    types: [
      ["tuple", ["f64", "f64"]],
      ["variant", [["circle", "f64"], ["rect", 0], ["empty", null]]],
      ["result", "f64", "string"],
    ],
    parameters: [["s", 1]],
    result: 2,
  });
  assertEquals(functions.get("[method]counter.next"), {
    types: [["borrow", "counter"]],
    parameters: [["self", 0]],
    result: "u32",
  });
  for (const { signature } of exports.functions) assertEquals(checkComponentSignature(signature), signature);
});

Deno.test("a function has the shortest name that is its own, and others", () => {
  const functions = [
    { interface: undefined, name: "run" },
    { interface: "a:b/one@1.0.0", name: "get" },
    { interface: "a:b/two@1.0.0", name: "get" },
    { interface: "c:d/two", name: "get" },
    { interface: "a:b/one@1.0.0", name: "[method]thing.use" },
    { interface: "a:b/one@1.0.0", name: "[constructor]thing" },
    { interface: "plain", name: "run" },
  ];
  assertEquals(namesToCall(functions), [
    "run",
    "one.get",
    "a:b/two@1.0.0.get",
    "c:d/two.get",
    "thing.use",
    "thing",
    "plain.run",
  ]);
  assertEquals([...namesOf(functions[5]!)], [
    "[constructor]thing",
    "thing",
    "one.thing",
    "a:b/one@1.0.0.thing",
    "a:b/one@1.0.0#thing",
    "a:b/one@1.0.0#[constructor]thing",
  ]);
});

/** A component that imports two resources of one name, and functions that take both. */
const TWO_RESOURCES = component(
  section(7, 1, [0x42, 1, 0x04, 0, "thing", 3, 1]),
  section(10, 2, [0, "a:b/one", 5, 0], [0, "a:b/two", 5, 0]),
  section(6, 2, [3, 0, 0, "thing"], [3, 0, 1, "thing"]),
  section(7, 3, [0x69, 1], [0x68, 2], [0x40, 2, "x", 3, "y", 4, 1, 0]),
  section(10, 1, [0, "compare", 1, 5]),
);

Deno.test("resources of one name are told apart", () => {
  const { imports } = readWorld(TWO_RESOURCES);
  assertEquals(imports.functions.map(({ signature }) => signature.types), [[
    ["own", "thing"],
    ["borrow", "a:b/two#thing"],
  ]]);
});

Deno.test("types that describe more than can be written are cut in WIT, and refused where tables would be too large", () => {
  const doubling: number[][] = [[0x73]];
  for (let i = 0; i < 90; i += 2) {
    doubling.push([0x70, ...signed(i)], [0x6f, 2, ...signed(i + 1), ...signed(i + 1)]);
  }
  const huge = component(
    types(...doubling, [0x40, 1, 1, 0x78, ...signed(doubling.length - 1), 1, 0]),
    section(10, 1, [0, "f", 1, doubling.length]),
  );
  assertEquals(readWorld(huge).imports.functions[0]?.signature.types.length, 90);
  const wit = formatWit(validateComponent(huge, readComponent(huge)), 10_000);
  assert(wit.length <= 10_002 && wit.endsWith("…"), String(wit.length));

  const lists = Array.from({ length: 5000 }, (_, index) => [0x70, index % 2 === 0 ? 0x73 : 0x7d]);
  const all = lists.flatMap((_, index) => signed(index));
  const wide = component(
    types(...lists, [0x6f, ...leb(lists.length), ...all], [0x40, 1, 1, 0x78, ...signed(lists.length), 1, 0]),
    section(10, 1, [0, "f", 1, leb(lists.length + 1)]),
  );
  assertThrows(() => readWorld(wide), GhostError, "the function f has over 4096 types");
});

/** A type section of `types`, each given as its bytes. */
function types(...types: number[][]): number[] {
  const content = [...leb(types.length), ...types.flat()];
  return [7, ...leb(content.length), ...content];
}

/** A type index, which is a signed LEB128 integer. */
function signed(index: number): number[] {
  return index < 64 ? [index] : [(index & 127) | 128, ...signed(index >>> 7)];
}
