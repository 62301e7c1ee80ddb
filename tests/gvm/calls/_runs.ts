/** What holds for every program that copies its standard input to its output between "one" and "end" when it is to `talk`. */
import { assertEquals } from "@std/assert";
import { type Caller, nextText } from "../harness.ts";

const encoder = new TextEncoder();

/** What it writes arrives before its input is sent, and its input as it comes. */
export async function talksAsItComes(caller: Caller, program: string): Promise<void> {
  const lines = Array.from({ length: 3 }, () => Promise.withResolvers<string>());
  async function* stdin() {
    for (const { promise } of lines) yield encoder.encode(await promise);
  }
  const run = caller.run(program, ["talk"], { stdin: stdin() });
  const output = run[Symbol.asyncIterator]();
  assertEquals(await nextText(output), "one\n");
  for (const [index, { resolve }] of lines.entries()) {
    resolve(`line ${index}\n`);
    assertEquals(await nextText(output), `line ${index}\n`);
  }
  assertEquals(await nextText(output), "end\n");
  assertEquals((await output.next()).done, true);
  assertEquals(await run.exitCode, 0);
}

/** Three run at the same time, while `meanwhile` is done, and the last to start is the first to end. */
export async function runAtOnce(
  caller: Caller,
  program: string,
  meanwhile: () => Promise<void>,
): Promise<void> {
  const gates = [0, 1, 2].map(() => Promise.withResolvers<string>());
  const runs = gates.map(({ promise }) => {
    async function* stdin() {
      yield encoder.encode(await promise);
    }
    return caller.run(program, ["talk"], { stdin: stdin() });
  });
  const outputs = runs.map((run) => run[Symbol.asyncIterator]());
  for (const output of outputs) assertEquals(await nextText(output), "one\n");
  await meanwhile();
  for (const index of [2, 0, 1]) {
    gates[index]!.resolve(`${index}`);
    assertEquals(await nextText(outputs[index]!), `${index}`);
    assertEquals(await runs[index]!.exitCode, 0);
  }
}

/** Ten megabytes go through it unchanged. */
export async function passesMegabytes(caller: Caller, program: string): Promise<void> {
  const piece = Uint8Array.from({ length: 1 << 16 }, (_, index) => index * 7 % 251);
  const count = 160;
  const run = caller.run(program, ["talk"], { stdin: Array.from({ length: count }, () => piece) });
  const expected = new Uint8Array(
    await new Blob(["one\n", ...Array(count).fill(piece), "end\n"]).arrayBuffer(),
  );
  const got = new Uint8Array(expected.length);
  let size = 0;
  for await (const { bytes } of run) {
    if (size + bytes.length <= got.length) got.set(bytes, size);
    size += bytes.length;
  }
  assertEquals(size, expected.length);
  assertEquals(got.findIndex((byte, index) => byte !== expected[index]), -1);
  assertEquals(await run.exitCode, 0);
}
