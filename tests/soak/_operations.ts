/** What the nodes of a soak do, each operation with a check of its answer. */
import type { GpmdClient } from "../../gpmd/client/client.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { GhostNode } from "../../gvm/node/ghost_node.ts";

/** Versions that a lane keeps of its own module. */
const KEPT_VERSIONS = 3;
/** Different modules among the versions of a lane: a session keeps an instance of each that it has called. */
const CONTENTS = 8;
/** The node whose time limit is run into, so that the executors of the others live for long. */
const ABUSED = "node-3";

/** What one lane of a node works with. */
export interface Soaking {
  readonly node: GhostNode;
  readonly gpmd: GpmdClient;
  /** The names of all nodes. */
  readonly names: readonly string[];
  /** A module of its own, and how many versions of it were uploaded so far. */
  readonly own: string;
  uploads: number;
}

/** An answer that is not what it must be. */
export class WrongAnswer extends Error {}

/** One kind of operation: it throws a {@linkcode WrongAnswer}, or a {@linkcode GhostError} for what it did not reach. */
type Operation = (soaking: Soaking) => Promise<void>;

/** The operations, each with how often it is drawn. */
export const OPERATIONS: Readonly<Record<string, readonly [weight: number, operation: Operation]>> = {
  call: [60, call],
  run: [8, run],
  input: [3, runWithInput],
  trap: [4, trap],
  cancel: [3, cancel],
  limit: [1, runIntoLimit],
  mistake: [4, makeMistakes],
  discover: [3, discover],
  connect: [5, connect],
  disconnect: [2, disconnect],
  upload: [2, upload],
  reset: [2, reset],
};

async function call(soaking: Soaking): Promise<void> {
  const { node } = soaking;
  const on = anyPlace(soaking);
  const [a, b] = [anyInteger(), anyInteger()];
  const c = BigInt(anyInteger());
  expect(await node.call("math.add", [a, b], { on }), a + b | 0);
  expect(await node.call("counter.square", [c], { on }), c * c);
  const results = await Promise.all([
    node.call("counter.sqrt", [b * b], { on }),
    node.call("counter.divmod", [a, 1000], { on }),
    node.call("counter.reverse", [a, c, 0.5, b / 3], { on }),
  ]);
  expect(results, [Math.abs(b), [Math.trunc(a / 1000), a % 1000], [b / 3, 0.5, c, a]]);
}

async function run(soaking: Soaking): Promise<void> {
  const name = crypto.randomUUID();
  const greeted = soaking.node.run("greet", [name], { on: anyPlace(soaking) });
  expect(await greeted.text(), `Hello, ${name}!\n`);
  const failing = soaking.node.run("greet", ["--fail"], { on: anyPlace(soaking) });
  expect(await failing.exitCode, 3);
}

async function runWithInput(soaking: Soaking): Promise<void> {
  const names = Array.from({ length: 20 }, () => crypto.randomUUID());
  const greeting = soaking.node.run("greet", ["-"], { on: anyPlace(soaking), stdin: names.join("\n") });
  expect(await greeting.text(), names.map((name) => `Hello, ${name}!\n`).join(""));
}

async function trap(soaking: Soaking): Promise<void> {
  const on = anyPlace(soaking);
  await expectFailure("TRAP", soaking.node.call("counter.trap", [], { on }));
  await expectFailure("TRAP", soaking.node.call("math.div", [1, 0], { on }));
}

async function cancel(soaking: Soaking): Promise<void> {
  const options = { on: anyPlace(soaking), signal: AbortSignal.timeout(20) };
  await expectFailure("CANCELLED", soaking.node.call("waits.sleep", [10_000], options));
}

async function runIntoLimit({ node }: Soaking): Promise<void> {
  if (node.name !== ABUSED) await expectFailure("TIME_LIMIT", node.call("counter.spin", [], { on: ABUSED }));
}

async function makeMistakes(soaking: Soaking): Promise<void> {
  const { node } = soaking;
  const on = anyPlace(soaking);
  await expectFailure("MODULE_NOT_FOUND", node.call("nothing.add", [], { on }));
  await expectFailure("FUNCTION_NOT_FOUND", node.call("math.nothing", [], { on }));
  await expectFailure("BAD_ARGUMENTS", node.call("math.add", [1, 2, 3], { on }));
  await expectFailure("NODE_NOT_FOUND", node.connect("nobody"));
}

async function discover({ node, names }: Soaking): Promise<void> {
  expect(await node.discover(), names);
}

async function connect({ node, names }: Soaking): Promise<void> {
  await node.connect(anyOf(names.filter((name) => name !== node.name))!);
}

async function disconnect({ node }: Soaking): Promise<void> {
  const peer = anyOf(node.list());
  if (peer !== undefined) await node.disconnect(peer);
}

async function upload(soaking: Soaking): Promise<void> {
  const { node, gpmd, own } = soaking;
  const number = ++soaking.uploads;
  const version = `v${number}.0.0`;
  const id = number % CONTENTS;
  await gpmd.upload({ name: own, version, module: moduleReturning(id) });
  expect(await node.call(`${own}@${version}.id`), id);
  expect(await node.call(`${own}.id`), id);
  if (number > KEPT_VERSIONS) await gpmd.remove(own, `v${number - KEPT_VERSIONS}.0.0`);
  const peer = anyOf(node.list());
  if (peer !== undefined) expect(await node.call(`${own}@${version}.id`, [], { on: peer }), id);
}

async function reset(soaking: Soaking): Promise<void> {
  const on = anyPlace(soaking);
  await soaking.node.reset("math", on === undefined ? {} : { on });
}

/** A module whose function `id` returns `number`, at most 63. */
function moduleReturning(number: number): Uint8Array<ArrayBuffer> {
  // deno-fmt-ignore
  return new Uint8Array([
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
    1, 5, 1, 0x60, 0, 1, 0x7f,
    3, 2, 1, 0,
    7, 6, 1, 2, 0x69, 0x64, 0, 0,
    10, 6, 1, 4, 0, 0x41, number, 0x0b,
  ]);
}

/** A connected node, or this one. */
function anyPlace({ node }: Soaking): string | undefined {
  return anyOf([undefined, ...node.list()]);
}

/** One of them, if there are any. */
function anyOf<T>(list: readonly T[]): T | undefined {
  return list[Math.floor(Math.random() * list.length)];
}

function anyInteger(): number {
  return Math.floor((Math.random() - 0.5) * 2 ** 31);
}

function expect(actual: unknown, expected: unknown): void {
  const [one, other] = [show(actual), show(expected)];
  if (one !== other) throw new WrongAnswer(`${one} in place of ${other}`);
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, one) => typeof one === "bigint" ? `${one}n` : one) ?? "undefined";
}

async function expectFailure(code: string, promise: Promise<unknown>): Promise<void> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    if (!(error instanceof GhostError)) throw error;
    if (error.code === code) return;
    throw error; // whether it may fail so is for others to say
  }
  throw new WrongAnswer(`${show(value)} in place of ${code}`);
}
