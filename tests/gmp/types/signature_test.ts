import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import {
  checkCallable,
  checkSignature,
  formatSignature,
  formatTypes,
  isSameSignature,
  MAX_SIGNATURE_VALUES,
  parseTypes,
  type ValueType,
} from "../../../gmp/types/signature.ts";

function assertFails(run: () => unknown, code: string, message: string): void {
  const error = assertThrows(run, GhostError);
  assertEquals([error.code, error.message], [code, message]);
}

Deno.test("a signature is written with no, one and several results", () => {
  const write = (parameters: ValueType[], results: ValueType[]): string =>
    formatSignature("f", { parameters, results });
  assertEquals(write(["i32", "i32"], ["i32"]), "f(i32, i32) -> i32");
  assertEquals(write(["f64"], ["i32", "i64"]), "f(f64) -> (i32, i64)");
  assertEquals(write([], []), "f()");
  assertEquals(write(["externref", "v128"], ["ref"]), "f(externref, v128) -> ref");
});

Deno.test("the name in a signature is written as the prompt takes it, whole", () => {
  const write = (name: string): string => formatSignature(name, { parameters: [], results: [] });
  assertEquals(write("a-b"), '"a-b"()');
  assertEquals(write("x".repeat(1000)), `${"x".repeat(1000)}()`);
  assertEquals(formatTypes({ parameters: ["i32"], results: ["i32", "i64"] }), "(i32) -> (i32, i64)");
});

Deno.test("a signature of numbers is callable and returned itself", () => {
  const signature = { parameters: ["i32", "i64"], results: ["f32", "f64"] } as const;
  assertStrictEquals(checkCallable("f", signature), signature);
});

Deno.test("a type that cannot cross the wire is named with its position", () => {
  assertFails(
    () => checkCallable("draw", { parameters: ["i32", "externref"], results: [] }),
    "UNSUPPORTED_SIGNATURE",
    "Cannot call draw: parameter 2 is externref, not one of i32, i64, f32, f64",
  );
  assertFails(
    () => checkCallable("sum", { parameters: ["i32"], results: ["v128"] }),
    "UNSUPPORTED_SIGNATURE",
    "Cannot call sum: result 1 is v128, not one of i32, i64, f32, f64",
  );
});

Deno.test("a signature from the wire is read, without what else is in the message", () => {
  assertEquals(checkSignature({ handle: 7, parameters: ["i32", "ref"], results: [] }), {
    parameters: ["i32", "ref"],
    results: [],
  });
  const most = new Array(MAX_SIGNATURE_VALUES).fill("f64");
  assertEquals(checkSignature({ parameters: most, results: most }).results.length, MAX_SIGNATURE_VALUES);
});

Deno.test("a strange signature from the wire is refused", () => {
  const refused = (value: unknown, message: string): void =>
    assertFails(() => checkSignature(value), "BAD_REQUEST", `Cannot read the signature: ${message}`);
  refused(undefined, "it is not a map");
  refused(null, "it is not a map");
  refused("i32", "it is not a map");
  refused({ results: [] }, '"parameters" is not an array');
  refused({ parameters: [], results: { length: 1 } }, '"results" is not an array');
  refused({ parameters: ["i32", "int"], results: [] }, '"parameters" 2 is not a value type');
  refused({ parameters: [["i32"]], results: [] }, '"parameters" 1 is not a value type');
  refused({ parameters: new Array(3), results: [] }, '"parameters" 1 is not a value type');
  const tooMany = new Array(1001).fill("i32");
  refused({ parameters: [], results: tooMany }, '"results" has 1001 types, above the limit of 1000');
});

Deno.test("a signature that is written is read to the same signature, whatever the spaces", () => {
  for (const parameters of [[], ["i32"], ["i64", "f32"]] as const) {
    for (const results of [[], ["f64"], ["i32", "f64"]] as const) {
      const text = formatTypes({ parameters, results });
      for (const written of [text, text.replaceAll(" ", ""), ` ${text.replaceAll(",", " , ")} `]) {
        assertEquals(parseTypes(written), { parameters, results }, written);
      }
    }
  }
});

Deno.test("what is no written signature is not read", () => {
  for (
    const text of [
      "",
      "i32",
      "(",
      "(i32",
      "(int)",
      "(i32,)",
      "(,i32)",
      "() ->",
      "() -> ()",
      "() -> (i32)",
      "() -> (i32,)",
      "() -> i32, i32",
      "() -> externref",
      "() i32",
      "(constructor)",
    ]
  ) assertEquals(parseTypes(text), undefined, text);
});

Deno.test("signatures are compared type by type", () => {
  const signature = { parameters: ["i32", "i64"], results: ["f32"] } as const;
  assertEquals(isSameSignature(signature, structuredClone(signature)), true);
  for (
    const other of [
      { parameters: ["i32"], results: ["f32"] },
      { parameters: ["i64", "i32"], results: ["f32"] },
      { parameters: ["i32", "i64"], results: [] },
      { parameters: ["i32"], results: ["i64", "f32"] },
      { parameters: ["i32", "i64", "i32"], results: ["f32"] },
    ] as const
  ) assertEquals(isSameSignature(signature, other), false);
});
