// What a line refers to, and for how long: files that are read after the call has returned, and resources that are gone.
import { assertEquals } from "@std/assert";
import { StandardConsole } from "../../../gvm/cli/repl_console.ts";
import type { LineInput } from "../../../gvm/repl/call_function.ts";
import { doLines } from "../../../gvm/repl/lines.ts";
import { eventually, PATIENCE, ROOT, within } from "../../tools/commands.ts";
import { Network } from "../../tools/network.ts";

/** A console whose files are read once the line is done; it tells how many bytes were read. */
class Console extends StandardConsole {
  readonly #read = Promise.withResolvers<number>();
  readonly read = this.#read.promise;
  readonly done = Promise.withResolvers<void>();
  readonly complaints: string[] = [];

  override print(): void {}

  override async open(path: string): Promise<LineInput> {
    const input = await super.open(path);
    const [read, done] = [this.#read, this.done.promise];
    return {
      async *bytes() {
        let size = 0;
        try {
          await done;
          for await (const { length } of input.bytes()) yield new Uint8Array(length), size += length;
          read.resolve(size);
        } catch (error) {
          read.reject(error);
        }
      },
      [Symbol.dispose]: () => input[Symbol.dispose](),
    };
  }
}

Deno.test("a file is read to its end by a function that has returned, and closed where nobody wants it", async () => {
  await using network = await Network.start();
  await network.upload("flows", "v1.0.0", "flows");
  const node = await network.node();
  const file = `${ROOT}examples/greeter/greeter.wasm`;
  const options = { keepGoing: false, complain: (text: string) => void console.complaints.push(text) };
  const console: Console = new Console(node, options);
  const signal = new AbortController().signal;
  await doLines([`flows.swallow() < "${file}"`], node, console, { ...options, signal });
  console.done.resolve();
  const { size } = await Deno.stat(file);
  assertEquals(await within(PATIENCE, "the end of the file", console.read), size);
  // Otherwise the file is a resource that leaks.
  await doLines([`flows.refuse() < "${file}"`], node, new StandardConsole(node, options), {
    ...options,
    signal,
  });
  assertEquals(console.complaints, []);
});

Deno.test("a resource whose session has ended is suggested no more", async () => {
  await using network = await Network.start();
  await network.upload("greeter", "v1.0.0", Deno.readFileSync(`${ROOT}examples/greeter/greeter.wasm`));
  const node = await network.node(undefined, { limits: { time: 300 } });
  const options = { keepGoing: true, complain: (text: string) => void console.complaints.push(text) };
  const console: Console = new Console(node, options);
  const lines = (...all: string[]) =>
    doLines(all, node, console, { ...options, signal: new AbortController().signal });
  await lines("c = greeter.counter(5)", "greeter.counter(6)");
  assertEquals(console.handles.list().map(({ name }) => name), ["c", "counter#2"]);
  await lines("counter.spin()");
  await eventually("the end of the session", () => console.handles.list().length === 0);
  await lines("c.next()");
  assertEquals(console.complaints.map((text) => text.replace(/:.*/s, "")), ["TIME_LIMIT", "RESOURCE_GONE"]);
});
