import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { parseDeclaration } from "../../../gmp/types/function_name.ts";
import {
  checkDeclared,
  type DeclaredArguments,
  type DeclaredResult,
} from "../../../gvm/node/declared_function.ts";

/** Compiles only if the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

Deno.test("the types of arguments and results are those of the declared signature", () => {
  type Number32 = number | bigint | boolean;
  const same: true[] = [
    true satisfies Same<DeclaredArguments<"math.add(i32, i32) -> i32">, [Number32, Number32]>,
    true satisfies Same<DeclaredResult<"math.add(i32, i32) -> i32">, number>,
    true satisfies Same<DeclaredArguments<"counter.square(i64)->i64">, [bigint | number]>,
    true satisfies Same<DeclaredResult<"counter.square(i64)->i64">, bigint>,
    true satisfies Same<DeclaredResult<"counter.divmod(i32, i32) -> (i32, f64)">, [number, number]>,
    true satisfies Same<DeclaredArguments<"counter.reset()">, []>,
    true satisfies Same<DeclaredResult<"counter.reset()">, undefined>,
    true satisfies Same<DeclaredArguments<"math.add">, readonly unknown[]>,
    true satisfies Same<DeclaredArguments<"g.sum(xs: list<u32>) -> u64">, [Uint32Array | readonly number[]]>,
    true satisfies Same<DeclaredResult<"g.sum(xs: list<u32>) -> u64">, bigint>,
    true satisfies Same<
      DeclaredArguments<"g.f(a: tuple<u32, list<string>>, b: option<bool>) -> result<string, u8>">,
      [[number, string[]], boolean | undefined]
    >,
    true satisfies Same<DeclaredResult<"g.f(a: tuple<u32, string>) -> result<string, u8>">, string>,
    true satisfies Same<DeclaredResult<"g.f() -> result<_, u8>">, undefined>,
    true satisfies Same<DeclaredResult<"g.f() -> record {a: u8}">, unknown>,
    true satisfies Same<DeclaredArguments<"g.f(p: record {a: u8, b: u8}, n: s32)">, [unknown, number]>,
    true satisfies Same<
      DeclaredArguments<"g.f(list<u8>, string)">,
      [Uint8Array | readonly number[] | string, string]
    >,
    true satisfies Same<DeclaredResult<"g.f(list<u8>) -> list<list<u8>>">, Uint8Array[]>,
  ];
  assertEquals(same.length, 17);
});

Deno.test("a declaration is split from the name", () => {
  const name = { module: "math", version: undefined, function: "add" };
  assertEquals(parseDeclaration("math.add"), { name, written: "math.add", declared: undefined });
  assertEquals(parseDeclaration("math.add(i32) -> i32"), {
    name,
    written: "math.add",
    declared: "(i32) -> i32",
  });
});

Deno.test("what was found must have the declared signature, whatever the spaces", () => {
  const signature = { parameters: ["i32", "i64"], results: ["f64"] } as const;
  for (const text of ["m.f", "m.f(i32,i64)->f64", "m.f(i32, i64) -> f64"]) {
    checkDeclared(parseDeclaration(text), signature);
  }
  const declaration = parseDeclaration("m.f(i32) -> f64");
  const error = assertThrows(() => checkDeclared(declaration, signature), GhostError);
  assertEquals([error.code, error.message], [
    "UNSUPPORTED_SIGNATURE",
    "Cannot use m.f as m.f(i32) -> f64: its signature is m.f(i32, i64) -> f64",
  ]);
});
