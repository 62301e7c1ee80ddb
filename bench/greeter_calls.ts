import { type Argument, timeInSequence } from "./agent.ts";

/** The functions of examples/greeter, and what they are called with. */
const ADA = { name: "Ada", age: 36, tags: ["x", "yz"], balance: 12.5 };
const CALLS: Readonly<Record<string, readonly [name: string, argument: unknown]>> = {
  text: ["greet", "Ada"],
  record: ["birthday", ADA],
  numbers: ["sum", new Uint32Array(1000)],
  bytes: ["size", new Uint8Array(1 << 20)],
};

/** Finds a function of the greeter by its name. */
type Find = (name: string) => (argument: unknown) => unknown;

/** Microseconds of a call: the mean of each of `count` batches of `batch` calls. */
export async function timeCalls(
  find: Find,
  call: Argument,
  count: Argument,
  batch: Argument,
): Promise<Float64Array> {
  const [name, argument] = CALLS[call]!;
  const callable = find(name);
  const times = await timeInSequence(count, () => {
    for (let i = 0; i < Number(batch); i++) callable(argument);
    return Promise.resolve();
  });
  return times.map((time) => time / Number(batch));
}

/** The greeter. */
export const GREETER: Uint8Array<ArrayBuffer> = Deno.readFileSync(
  new URL("../examples/greeter/greeter.wasm", import.meta.url),
);

/** The greeter with one more core module, which nothing instantiates. */
export function greeterWith(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const size = [];
  for (let left = module.length; size.length < 5; left >>>= 7) {
    size.push(left & 127 | (size.length < 4 ? 128 : 0));
  }
  const bytes = new Uint8Array(GREETER.length + 6 + module.length);
  bytes.set(GREETER);
  bytes.set([1, ...size], GREETER.length); // a section with a core module, at the end: it changes no index
  bytes.set(module, GREETER.length + 6);
  return bytes;
}
