// Values of random types through components that pass them on: what comes out is what went in.
import { assertEquals } from "@std/assert";
import { prepareComponentCodec } from "../../../gmp/types/component_codec.ts";
import type { TypeReference } from "../../../gmp/types/component_types.ts";
import { instantiateComponent } from "../../../gvm/component/component.ts";
import { KEEP } from "../../../gvm/component/component_function.ts";
import { functionsOf, signatureOf } from "../../../gvm/component/exported_functions.ts";
import { Random } from "../../gmp/_wire.ts";
import { randomTypes, randomValue } from "../../gmp/types/_random_values.ts";
import { load } from "./_fixtures.ts";
import { type PassThrough, passThrough, type Stage } from "./_pass_through.ts";

const COMPONENTS = 150;
const CALLS = 3;
const SUSPENSION = { suspended: () => {}, resumed: () => {} };

function randomShape(random: Random): PassThrough {
  const types = randomTypes(random, 1 + random.below(8));
  const type = (): TypeReference => random.below(4) === 0 ? "string" : random.below(types.length);
  const stage = (): Stage => ({
    encoding: random.of(["utf8", "utf16", "latin1+utf16"]),
    grows: random.below(2) === 0,
  });
  return {
    types,
    parameters: Array.from({ length: random.below(5) }, type),
    result: random.below(5) === 0 ? null : type(),
    async: random.below(4) === 0,
    stages: Array.from({ length: 1 + random.below(3) }, stage),
  };
}

/** Calls a component of that shape with random values, which its import must get, and that gives random values back. */
async function check(random: Random, shape: PassThrough): Promise<void> {
  const component = await load(passThrough(shape));
  let expected: unknown[] = [];
  let result: unknown;
  const { exports, store } = instantiateComponent(component, {
    world: {
      interfaces: {},
      root: {
        functions: {
          h(...args: unknown[]) {
            assertEquals(args, expected);
            return shape.async ? Promise.resolve(result) : result;
          },
        },
      },
    },
    makeMemories: ({ memories }) =>
      memories.map(({ minimum }) => new WebAssembly.Memory({ initial: minimum, maximum: 4096 })),
    suspension: SUSPENSION,
  });
  const [[, , callee]] = [...functionsOf(exports)] as [
    ReturnType<typeof functionsOf> extends Generator<infer T> ? T : never,
  ];
  const codec = prepareComponentCodec("f", signatureOf(callee.type));
  const value = (type: TypeReference) => randomValue(random, shape.types, type);
  for (let calls = CALLS; calls > 0; calls--) {
    expected = shape.parameters.map(value);
    result = shape.result === null ? undefined : value(shape.result);
    store.begin();
    assertEquals(await callee.call(expected, undefined, KEEP, 0), result);
    // The same types, as the exported function describes them, on the wire.
    const bytes = codec.writeArguments("f", expected, { ahead: 0, whole: 0 });
    const from = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset), start: 0, end: bytes.length };
    assertEquals(codec.readArguments(from).values, expected);
  }
}

Deno.test(`values of random types pass through ${COMPONENTS} components as they are`, async () => {
  const seed = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 2 ** 32));
  const count = Number(Deno.env.get("COUNT") ?? COMPONENTS);
  for (let number = 0; number < count; number++) {
    const random = new Random(seed + number | 0);
    const shape = randomShape(random);
    try {
      await check(random, shape);
    } catch (cause) {
      throw new Error(`Failed with SEED=${seed + number | 0} COUNT=1: ${JSON.stringify(shape)}`, { cause });
    }
  }
});
