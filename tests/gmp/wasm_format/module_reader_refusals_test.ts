import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { readModule } from "../../../gmp/wasm_format/module_reader.ts";
import { leb, moduleBytes } from "../fixtures/module_bytes.ts";

function assertRefused(bytes: Uint8Array, message: string, offset: number): void {
  const error = assertThrows(() => readModule(bytes), GhostError);
  assertEquals(error.code, "NOT_A_MODULE");
  assertEquals(error.message, `Cannot read the module: ${message}, at byte ${offset}`);
  assertEquals(error.details, { offset });
}

Deno.test("what is no module at all is told by its kind", () => {
  assertRefused(new Uint8Array(), "the file is empty", 0);
  const text = (file: string): Uint8Array => new TextEncoder().encode(file);
  const wat = "it is WebAssembly text, not a binary module (wat2wasm makes one of it)";
  for (const file of ["(module)", ";; a comment\n( module $m", "(; (a) ;)\n\t(component", " (module\n"]) {
    assertRefused(text(file), wat, 0);
  }
  assertRefused(text("(modules)"), 'it is a text file that starts with "(mod", not a binary module', 0);
  assertRefused(text("hi"), 'it is a text file that starts with "hi", not a binary module', 0);
  assertRefused(
    Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2),
    "it starts with 7f 45 4c 46, not with 00 61 73 6d",
    0,
  );
  assertRefused(Uint8Array.of(0, 0x61, 0x73), "the file ends inside its header of 8 bytes", 3);
  const component = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00);
  assertRefused(component, "it is a component, not a core module", 6);
  const newer = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x02, 0x00, 0x00, 0x00);
  assertRefused(newer, "the version is 2 of layer 0, not 1 of layer 0", 4);
});

/** 4294967295 in LEB128, the most that a count can say. */
const MANY = [0xff, 0xff, 0xff, 0xff, 0x0f];
const FUNCTION_TYPE = [1, 1, 0x60, 0, 0];
const STRUCT_TYPE = [1, 1, 0x5f, 0];
const BODY = [10, 1, 2, 0, 0x0b];

const REFUSALS: readonly [name: string, bytes: Uint8Array, message: string, offset: number][] = [
  ["an unknown section", moduleBytes([14, 0]), "there is no section of id 14", 8],
  [
    "a section that is cut off",
    moduleBytes(FUNCTION_TYPE).subarray(0, 12),
    "the type section announces 4 bytes and the file has 2 left",
    8,
  ],
  [
    "a section without a size",
    moduleBytes(FUNCTION_TYPE).subarray(0, 9),
    "in the file the bytes end early",
    9,
  ],
  [
    "a section that comes twice",
    moduleBytes(FUNCTION_TYPE, FUNCTION_TYPE),
    "the type section comes twice",
    14,
  ],
  [
    "sections in the wrong order",
    moduleBytes([6, 0], [13, 0]),
    "the tag section comes after the global section",
    11,
  ],
  [
    "bytes behind the last item of a section",
    moduleBytes([...FUNCTION_TYPE, 7]),
    "in the type section 1 bytes are left over",
    14,
  ],
  ["a custom section without a name", moduleBytes([0]), "in the custom section the bytes end early", 10],
  [
    "a name that is not UTF-8",
    moduleBytes([0, 2, 0xc0, 0x80]),
    "in the custom section a name is not UTF-8",
    11,
  ],
  [
    "a name longer than its section",
    moduleBytes([0, 3, 0x61], [0, 1, 0x61]),
    "in the custom section 3 bytes are announced and 1 are left",
    11,
  ],
  [
    "an integer of six bytes",
    moduleBytes([1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]),
    "in the type section an integer is longer than 32 bits allow",
    10,
  ],
  [
    "an integer of 33 bits",
    moduleBytes([1, 0xff, 0xff, 0xff, 0xff, 0x1f]),
    "in the type section an integer is above 32 bits",
    10,
  ],
  [
    "a heap type that never ends",
    moduleBytes([1, 1, 0x60, 1, 0x64, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]),
    "in the type section an integer is longer than 33 bits allow",
    14,
  ],
  [
    "more types than bytes",
    moduleBytes([1, ...leb(1_000_000)]),
    "in the type section 1000000 types are announced and 0 bytes are left",
    10,
  ],
  [
    "more types than any module may have",
    moduleBytes([1, ...MANY]),
    "in the type section there are 4294967295 types, above the limit of 1000000",
    10,
  ],
  [
    "a recursion group of more types than bytes",
    moduleBytes([1, 1, 0x4e, 3, 0x60, 0]),
    "in the type section 3 types are announced and 2 bytes are left",
    12,
  ],
  [
    "a type of an unknown form",
    moduleBytes([1, 1, 0x5d, 0]),
    "in the type section a type has the unknown form 0x5d",
    11,
  ],
  [
    "a type with two supertypes",
    moduleBytes([1, 1, 0x50, 2, 0, 0, 0x60, 0, 0]),
    "in the type section there are 2 supertypes, above the limit of 1",
    12,
  ],
  [
    "1,001 parameters",
    moduleBytes([1, 1, 0x60, ...leb(1001), ...new Array(1001).fill(0x7f), 0]),
    "in the type section there are 1001 parameters, above the limit of 1000",
    13,
  ],
  [
    "a value of an unknown type",
    moduleBytes([1, 1, 0x60, 1, 0x40, 0]),
    "in the type section 0x40 is no value type",
    13,
  ],
  [
    "a reference to an unknown heap type",
    moduleBytes([1, 1, 0x60, 1, 0x63, 0x40, 0]),
    "in the type section -64 is no heap type",
    14,
  ],
  [
    "a field that is neither mutable nor not",
    moduleBytes([1, 1, 0x5e, 0x78, 2]),
    "in the type section the mutability is 0x02, neither 0 nor 1",
    13,
  ],
  [
    "an import of an unknown kind",
    moduleBytes([2, 1, 0, 0, 5, 0]),
    "in the import section 5 is no kind of import",
    13,
  ],
  [
    "more imports than are read",
    moduleBytes([2, ...leb(100_001)]),
    "in the import section there are 100001 imports, above the limit of 100000",
    10,
  ],
  [
    "an import of a type that is not there",
    moduleBytes(FUNCTION_TYPE, [2, 1, 0, 0, 0, 1]),
    "in the import section type 1 is named and there are 1",
    20,
  ],
  [
    "a function of a type that is no function's",
    moduleBytes(STRUCT_TYPE, [3, 1, 0]),
    "in the function section type 0 is named and is no function's",
    16,
  ],
  [
    "a function without a body",
    moduleBytes(FUNCTION_TYPE, [3, 1, 0]),
    "1 functions are declared and 0 have a body",
    18,
  ],
  ["a body without a function", moduleBytes(BODY), "0 functions are declared and 1 have a body", 10],
  ["a table of numbers", moduleBytes([4, 1, 0x7f, 0, 0]), "in the table section 0x7f is no value type", 11],
  ["a shared table", moduleBytes([4, 1, 0x70, 3, 0, 1]), "in the table section a table is shared", 12],
  [
    "a table with a strange reserved byte",
    moduleBytes([4, 1, 0x40, 1, 0x70, 0, 0]),
    "in the table section the reserved byte of a table is not 0",
    12,
  ],
  [
    "a memory with strange flags",
    moduleBytes([5, 1, 8, 0, 0]),
    "in the memory section the flags of the limits are 0x08",
    11,
  ],
  [
    "a memory whose maximum is below its minimum",
    moduleBytes([5, 1, 1, 2, 1]),
    "in the memory section the maximum 1 is below the minimum 2",
    11,
  ],
  [
    "a memory of more than 4 GiB",
    moduleBytes([5, 1, 0, ...leb(65_537)]),
    "in the memory section a memory has 65537 pages, above the 65536 that can be addressed",
    11,
  ],
  [
    "a memory of more than 64 bits can address",
    moduleBytes([5, 1, 5, 1, ...leb(2 ** 48 + 1)]),
    "in the memory section a memory has 281474976710657 pages, above the 281474976710656 that can be addressed",
    11,
  ],
  [
    "a shared memory without a maximum",
    moduleBytes([5, 1, 2, 1]),
    "in the memory section a shared memory has no maximum",
    11,
  ],
  [
    "more memories than a module may have",
    moduleBytes([2, 1, 0, 0, 2, 0, 0], [5, 100, ...new Array(200).fill(0)]),
    "in the memory section there are over 100 memories",
    218,
  ],
  [
    "a tag with a strange attribute",
    moduleBytes(FUNCTION_TYPE, [13, 1, 1, 0]),
    "in the tag section the attribute of a tag is not 0",
    17,
  ],
  [
    "a global whose value is no constant",
    moduleBytes([6, 1, 0x7f, 0, 0x10, 0, 0x0b]),
    "in the global section instruction 0x10 is not constant",
    13,
  ],
  [
    "a global whose value never ends",
    moduleBytes([6, 1, 0x7f, 0, 0x41, 1]),
    "in the global section the bytes end early",
    15,
  ],
  [
    "a vector instruction as a constant",
    moduleBytes([6, 1, 0x7b, 0, 0xfd, 13, 0x0b]),
    "in the global section a vector instruction is not constant",
    13,
  ],
  [
    "an aggregate instruction as a constant",
    moduleBytes([6, 1, 0x6e, 0, 0xfb, 9, 0, 0, 0x0b]),
    "in the global section instruction 0xfb 9 is not constant",
    13,
  ],
  [
    "two exports of one name",
    moduleBytes([5, 1, 0, 0], [7, 2, 1, 0x61, 2, 0, 1, 0x61, 2, 0]),
    "in the export section two exports have the name a",
    20,
  ],
  [
    "an export of an unknown kind",
    moduleBytes([7, 1, 1, 0x61, 5, 0]),
    "in the export section 5 is no kind of export",
    13,
  ],
  [
    "an export of a function that is not there",
    moduleBytes([7, 1, 1, 0x61, 0, 3]),
    "in the export section function 3 is named and there are 0",
    14,
  ],
  [
    "an export of a global that is not there",
    moduleBytes([7, 1, 1, 0x61, 3, 0]),
    "in the export section global 0 is named and there are 0",
    14,
  ],
  [
    "a start function that is not there",
    moduleBytes([8, 0]),
    "in the start section function 0 is named and there are 0",
    10,
  ],
];

for (const [name, bytes, message, offset] of REFUSALS) {
  Deno.test(`refused: ${name}`, () => assertRefused(bytes, message, offset));
}
