import { assert, assertEquals } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { isComponent } from "../../../gmp/wasm_format/header.ts";
import { type ModuleDescription, readModule } from "../../../gmp/wasm_format/module_reader.ts";
import type { ValueType } from "../../../gmp/types/signature.ts";
import {
  assertAsV8Says,
  fixture,
  fuzzSeed,
  leb,
  moduleBytes,
  mutate,
  nameBytes,
  randomNumbers,
} from "../fixtures/module_bytes.ts";

Deno.test("a header alone is an empty module", () => {
  assertEquals(readModule(moduleBytes()), {
    imports: [],
    exports: [],
    memories: [],
    tables: [],
    customSections: [],
    sections: [],
  });
});

Deno.test("the imports of a module have the types that it asks for", () => {
  assertEquals(readModule(fixture("everything.wasm")).imports, [
    { module: "env", name: "log", kind: "function", type: { parameters: ["i32"], results: [] } },
    {
      module: "env",
      name: "divide",
      kind: "function",
      type: { parameters: ["i32", "i32"], results: ["i32", "i32"] },
    },
    {
      module: "env",
      name: "table",
      kind: "table",
      type: { element: "funcref", minimum: 1, maximum: 20, is64: false },
    },
    { module: "env", name: "memory", kind: "memory", type: { minimum: 1, shared: false, is64: false } },
    { module: "env", name: "base", kind: "global", type: { type: "i32", mutable: false } },
    { module: "env", name: "counter", kind: "global", type: { type: "i64", mutable: true } },
    { module: "env", name: "failure", kind: "tag", type: { parameters: ["i32"], results: [] } },
  ]);
});

Deno.test("the exports of a module have their types, those of imports too", () => {
  const { exports } = readModule(fixture("everything.wasm"));
  assertEquals(exports.length, 16);
  assertEquals(Object.fromEntries(exports.map(({ name, kind, type }) => [name, [kind, type]])), {
    "memory": ["memory", { minimum: 2, maximum: 16, shared: false, is64: false }],
    "π": ["global", { type: "f64", mutable: false }],
    "nothing": ["global", { type: "externref", mutable: false }],
    "stop": ["tag", { parameters: [], results: [] }],
    "env.memory": ["memory", { minimum: 1, shared: false, is64: false }],
    "table": ["table", { element: "externref", minimum: 2, is64: false }],
    "counter": ["global", { type: "i64", mutable: true }],
    "failure": ["tag", { parameters: ["i32"], results: [] }],
    "log": ["function", { parameters: ["i32"], results: [] }],
    "swap": ["function", { parameters: ["i32", "i64"], results: ["f32", "f64"] }],
    "grow_inner": ["function", { parameters: ["i32"], results: ["i32"] }],
    "grow_outer": ["function", { parameters: ["i32"], results: ["i32"] }],
    "grow_table": ["function", { parameters: ["i32"], results: ["i32"] }],
    "keep": ["function", { parameters: ["externref", "v128"], results: ["funcref"] }],
    "": ["function", { parameters: [], results: [] }],
    "greet": ["function", { parameters: [], results: [] }],
  });
});

Deno.test("memories, tables, the start function, custom and other sections are told, with their places", () => {
  const bytes = fixture("everything.wasm");
  const { memories, tables, start, customSections, sections } = readModule(bytes);
  assertEquals(memories.map((memory) => memory.imported), [true, false]);
  assertEquals(memories.map(({ limits }) => [...bytes.subarray(limits.start, limits.end)]), [[0, 1], [
    1,
    2,
    16,
  ]]);
  assertEquals(tables.map((table) => table.imported), [true, false]);
  assertEquals(tables.map(({ limits }) => [...bytes.subarray(limits.start, limits.end)]), [[1, 1, 20], [
    0,
    2,
  ]]);
  assertEquals(start, 7);
  assertEquals(customSections, ["name"]);
  assertEquals(sections.map(({ id }) => id), [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]);
  assertEquals(sections[0], { id: 1, start: 8, contentStart: 10, end: 43 });
});

Deno.test("modules of real compilers are read, and V8 says the same", () => {
  const examples = new URL("../../../examples/", import.meta.url);
  const paths = [...Deno.readDirSync(examples)].filter((entry) => entry.isDirectory).flatMap(({ name }) => {
    const folder = new URL(`${name}/`, examples);
    return [...Deno.readDirSync(folder)].filter((file) => file.name.endsWith(".wasm"))
      .map((file) => new URL(file.name, folder));
  });
  for (
    const bytes of [
      fixture("words.wasm"),
      fixture("everything.wasm"),
      // Components have a reader of their own.
      ...paths.map((path) => Deno.readFileSync(path)).filter((bytes) => !isComponent(bytes)),
    ]
  ) {
    assertAsV8Says(bytes, readModule(bytes));
  }
});

Deno.test("recursion groups, subtypes, structs and arrays keep the indices of types right", () => {
  // deno-fmt-ignore
  const types = [
    1, 5,
    0x5f, 2, 0x78, 1, 0x64, 0x6e, 0, // type 0: a struct of a mutable i8 and a (ref any)
    0x4e, 2, 0x50, 0, 0x5e, 0x77, 1, // types 1 and 2, a group: an array of mutable i16
    0x4f, 1, 1, 0x5e, 0x77, 1, //       and a final subtype of it
    0x60, 2, 0x63, 0, 0x64, 0x70, 3, 0x63, 0x70, 0x6d, 0x69, // type 3: a function of references
    0x4e, 0, // a group of none
    0x50, 0, 0x60, 1, 0x7f, 0, // type 4: a function type that may have subtypes
  ];
  const bytes = moduleBytes(types, [2, 2, 1, 0x61, 1, 0x66, 0, 3, 1, 0x61, 1, 0x67, 0, 4]);
  assert(WebAssembly.validate(bytes));
  assertEquals(readModule(bytes).imports.map(({ type }) => type), [
    { parameters: ["ref", "ref"], results: ["funcref", "eqref", "exnref"] },
    { parameters: ["i32"], results: [] },
  ]);
});

Deno.test("every value type has a name", () => {
  const codes = new Map<number, ValueType>([
    [0x7f, "i32"],
    [0x7e, "i64"],
    [0x7d, "f32"],
    [0x7c, "f64"],
    [0x7b, "v128"],
    [0x74, "nullexnref"],
    [0x73, "nullfuncref"],
    [0x72, "nullexternref"],
    [0x71, "nullref"],
    [0x70, "funcref"],
    [0x6f, "externref"],
    [0x6e, "anyref"],
    [0x6d, "eqref"],
    [0x6c, "i31ref"],
    [0x6b, "structref"],
    [0x6a, "arrayref"],
    [0x69, "exnref"],
  ]);
  const bytes = moduleBytes([1, 1, 0x60, codes.size, ...codes.keys(), 0], [2, 1, 0, 0, 0, 0]);
  assert(WebAssembly.validate(bytes));
  assertEquals(readModule(bytes).imports[0]?.type, { parameters: [...codes.values()], results: [] });
});

Deno.test("shared, 64-bit and several memories and tables are told apart", () => {
  // deno-fmt-ignore
  const tables = [
    4, 3,
    0x70, 0, 1,
    0x6f, 5, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
    0x40, 0, 0x63, 0x70, 1, 2, 3, 0xd0, 0x70, 0x0b, // with an initial value for its elements
  ];
  const bytes = moduleBytes(tables, [5, 4, 0, 1, 3, 1, 2, 4, 0x80, 0x01, 7, 0, ...leb(2 ** 18)]);
  assert(WebAssembly.validate(bytes));
  const description = readModule(bytes);
  assertEquals(description.memories.map(({ type }) => type), [
    { minimum: 1, shared: false, is64: false },
    { minimum: 1, maximum: 2, shared: true, is64: false },
    { minimum: 128, shared: false, is64: true },
    { minimum: 0, maximum: 262_144, shared: true, is64: true },
  ]);
  assertEquals(description.tables.map(({ type }) => type), [
    { element: "funcref", minimum: 1, is64: false },
    { element: "externref", minimum: 1, maximum: Number.MAX_SAFE_INTEGER, is64: true },
    { element: "funcref", minimum: 2, maximum: 3, is64: false },
  ]);
});

Deno.test("globals are found behind constant expressions of every kind", () => {
  const i32 = (...expression: number[]): number[] => [0x7f, 0, ...expression, 0x0b];
  const globals = [
    i32(0x41, 0xff, 0xff, 0xff, 0xff, 0x7f),
    [0x7e, 0, 0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, 0x0b],
    [0x7d, 0, 0x43, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b],
    [0x7c, 0, 0x44, ...new Array(8).fill(0x0b), 0x0b],
    [0x7b, 0, 0xfd, 12, ...new Array(16).fill(0x0b), 0x0b],
    i32(0x23, 0, 0x41, 1, 0x6a, 0x41, 2, 0x6b, 0x41, 3, 0x6c),
    [0x7e, 0, 0x42, 1, 0x42, 2, 0x7c, 0x42, 2, 0x7d, 0x42, 2, 0x7e, 0x0b],
    [0x64, 0, 0, 0x41, 1, 0xfb, 0, 0, 0x0b],
    [0x64, 0, 0, 0xfb, 1, 0, 0x0b],
    [0x64, 1, 0, 0x41, 1, 0x41, 2, 0xfb, 6, 1, 0x0b],
    [0x64, 1, 0, 0x41, 2, 0xfb, 7, 1, 0x0b],
    [0x64, 1, 0, 0x41, 1, 0x41, 2, 0xfb, 8, 1, 2, 0x0b],
    [0x6c, 0, 0x41, 7, 0xfb, 28, 0x0b],
    [0x6e, 0, 0xd0, 0x6f, 0xfb, 26, 0x0b],
    [0x6f, 0, 0xd0, 0x6e, 0xfb, 27, 0x0b],
    [0x63, 0x73, 0, 0xd0, 0x73, 0x0b],
    i32(0x41, 0),
  ];
  const bytes = moduleBytes(
    [1, 2, 0x5f, 1, 0x7f, 0, 0x5e, 0x7f, 0],
    [6, globals.length, ...globals.flat()],
    [7, 2, 1, 0x61, 3, globals.length - 1, 1, 0x62, 3, globals.length - 2],
  );
  assert(WebAssembly.validate(bytes));
  assertEquals(readModule(bytes).exports, [
    { name: "a", kind: "global", type: { type: "i32", mutable: false } },
    { name: "b", kind: "global", type: { type: "nullfuncref", mutable: false } },
  ]);
});

Deno.test("a name keeps its byte order mark", () => {
  const bytes = moduleBytes([0, ...nameBytes("\ufeffa")], [0, ...nameBytes("a")]);
  assertEquals(readModule(bytes).customSections, ["\ufeffa", "a"]);
});

Deno.test("every prefix of a real module is refused or read, and only that", () => {
  for (const bytes of [fixture("words.wasm"), fixture("everything.wasm")]) {
    let accepted = 0;
    for (let length = 0; length < bytes.length; length++) {
      try {
        readModule(bytes.subarray(0, length));
        accepted += 1;
      } catch (error) {
        assert(error instanceof GhostError && error.code === "NOT_A_MODULE", `prefix of ${length}: ${error}`);
      }
    }
    // Between the sections in front of the functions, and in front of data and names behind their bodies.
    assert(accepted <= 6, `${accepted} prefixes were read`);
  }
});

Deno.test("5,000 mutants are refused or read in bounded time, and what V8 accepts is read", () => {
  const random = randomNumbers(fuzzSeed());
  const original = fixture("everything.wasm");
  let readable = 0;
  let slowest = 0;
  for (let i = 0; i < 5_000; i++) {
    const mutant = mutate(original, random);
    const start = performance.now();
    let description: ModuleDescription | undefined;
    try {
      description = readModule(mutant);
      readable += 1;
    } catch (error) {
      assert(error instanceof GhostError && error.code === "NOT_A_MODULE", `${error} for ${mutant}`);
      assert(!WebAssembly.validate(mutant), `V8 accepts, the reader says: ${error.message}, for ${mutant}`);
    }
    slowest = Math.max(slowest, performance.now() - start);
    if (description !== undefined && WebAssembly.validate(mutant)) assertAsV8Says(mutant, description);
  }
  assert(
    readable > 125 && readable < 4_875,
    `${readable} mutants were readable: they do not try the reader`,
  );
  assert(slowest < 1000, `one mutant took ${slowest} ms`);
});
