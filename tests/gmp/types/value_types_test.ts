import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { prepareCodec } from "../../../gmp/types/values.ts";
import { describeType, type NumberType, TYPE_NAMES } from "../../../gmp/types/value_types.ts";
import { readLiteral } from "../../../gmp/types/wave/literal.ts";

/** The size of each type, values at its edges as a function gives them, and values of JavaScript that are refused. */
const EDGES: Record<NumberType, { size: number; values: (number | bigint)[]; refused: unknown[] }> = {
  i32: {
    size: 4,
    values: [0, -(2 ** 31), 2 ** 31 - 1],
    refused: [2 ** 32, -(2 ** 31) - 1, 0.5, NaN, 2n ** 32n],
  },
  i64: {
    size: 8,
    values: [0n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n, -(2n ** 53n) - 1n],
    refused: [2n ** 64n, -(2n ** 63n) - 1n, 2 ** 53, -(2 ** 53), 0.5, NaN, true],
  },
  f32: {
    size: 4,
    values: [0, -0, NaN, Infinity, -Infinity, 2 ** -149, (2 - 2 ** -23) * 2 ** 127, 2 ** 53, 2 ** 24],
    refused: [2n ** 24n + 1n, 2n ** 128n, true],
  },
  f64: {
    size: 8,
    values: [
      0,
      -0,
      NaN,
      Infinity,
      -Infinity,
      Number.MIN_VALUE,
      Number.MAX_VALUE,
      2 ** 53,
      -(2 ** 53) + 1,
      2 ** 63,
    ],
    refused: [2n ** 53n + 1n, 2n ** 1024n, false],
  },
};

Deno.test("every described type has its edges here", () => {
  assertEquals(Object.keys(EDGES), [...TYPE_NAMES]);
});

for (const [name, { size, values, refused }] of Object.entries(EDGES)) {
  const type = describeType(name);
  const codec = prepareCodec([name as NumberType]);

  Deno.test(`${name}: values at its edges go there and back, in its size, and are printed as the prompt reads them`, () => {
    assertEquals([type.name, type.size, codec.byteLength([values[0]])], [name, size, size]);
    const view = new DataView(new ArrayBuffer(size));
    const passed = (value: unknown): number | bigint => {
      assert(type.accepts(value), String(value));
      codec.write(view, 0, [value]);
      return codec.read(view, 0, size)[0]!;
    };
    for (const value of values) {
      assertStrictEquals(passed(value), value);
      assert(type.isDirect(value), String(value));
      assertStrictEquals(type.convert(value), value);
      assertStrictEquals(passed(readLiteral(type.print(value))), value);
    }
  });

  Deno.test(`${name}: what it does not take is refused, and is nothing that WebAssembly is given as it is`, () => {
    const wrong = ["1", null, undefined, {}, [1], Symbol("s"), () => 1, new Date(0)];
    for (const value of [...refused, ...wrong]) {
      assert(!type.accepts(value) && !type.isDirect(value), String(value));
    }
  });

  Deno.test(`${name}: what is converted is what is read on the other side`, () => {
    const view = new DataView(new ArrayBuffer(size));
    for (const value of [true, 0xffff_ffff, 5n, 5, 2n ** 64n - 1n, 0.1, 1e300].filter(type.accepts)) {
      codec.write(view, 0, [value]);
      assertStrictEquals(type.convert(value), codec.read(view, 0, size)[0]);
    }
  });
}

Deno.test("a NaN is a NaN, whatever its payload", () => {
  const view = new DataView(new ArrayBuffer(8));
  for (const bits of [0x7ff8_0000_0000_0000n, 0xfff8_0000_0000_0001n, 0x7ff0_0000_0000_0001n]) {
    view.setBigUint64(0, bits, true);
    assertEquals(prepareCodec(["f64"]).read(view, 0, 8), [NaN]);
  }
  for (const bits of [0x7fc0_0000, 0xffc0_0001, 0x7f80_0001]) {
    view.setUint32(0, bits, true);
    assertEquals(prepareCodec(["f32"]).read(view, 0, 4), [NaN]);
  }
});

Deno.test("a name that no type has is refused, also one that every object has", () => {
  for (const name of ["i33", "", "v128", "constructor", "__proto__"]) {
    const error = assertThrows(() => prepareCodec([name as NumberType]), GhostError);
    assertEquals(error.code, "UNSUPPORTED_SIGNATURE");
    assertEquals(
      error.message,
      `Cannot pass a value of type ${JSON.stringify(name)}: it is not one of i32, i64, f32, f64`,
    );
  }
});
