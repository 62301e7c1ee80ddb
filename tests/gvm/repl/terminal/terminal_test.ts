import { assertEquals } from "@std/assert";
import { StandardConsole } from "../../../../gvm/cli/repl_console.ts";
import { parse } from "../../../../gvm/repl/language/parser.ts";
import { History } from "../../../../gvm/repl/terminal/history.ts";
import { KeyInput } from "../../../../gvm/repl/terminal/key_input.ts";
import { Terminal } from "../../../../gvm/repl/terminal/terminal.ts";
import { Network } from "../../../tools/network.ts";

const encoder = new TextEncoder();
const CTRL_D = "\x04";

/** Types `keys`, each once the one before was dealt with, and Ctrl-D: the texts that were parsed, and what was printed. */
async function type(
  network: Network,
  keys: readonly string[],
): Promise<{ parsed: string[]; told: string[] }> {
  const node = await network.node();
  const parsed: string[] = [];
  const told: string[] = [];
  const console = new StandardConsole(
    node,
    { keepGoing: false, complain: (text) => told.push(text) },
    String,
  );
  console.print = (line) => told.push(line);
  console.result = (text) => told.push(text);
  console.write = () => {};
  const rest = [...keys, CTRL_D];
  const source = {
    read: (bytes: Uint8Array) => Promise.resolve(encoder.encodeInto(rest.shift() ?? CTRL_D, bytes).written),
    setRaw: () => {},
    isTerminal: () => true,
  };
  const terminal = new Terminal({
    node,
    input: new KeyInput(source, []),
    console,
    files: () => Promise.resolve([]),
    history: History.open("/dev/null/none"),
    parse: (text) => {
      parsed.push(text);
      return parse(text);
    },
    complain: (text) => told.push(text),
    paint: String,
  });
  await terminal.run(new AbortController().signal);
  return { parsed, told };
}

/** Every beginning of `text`, the whole last. */
function beginnings(text: string): string[] {
  return Array.from(text, (_, index) => text.slice(0, index + 1));
}

Deno.test("a line is parsed once at each key, and what the last key left is what Enter does", async () => {
  await using network = await Network.start();
  for (const line of ["math.add(1, 2)", "Node.run(nobody, math@v0.0.1.add(1", "math(", '"x']) {
    const { parsed } = await type(network, [...line, "\r", "\r"]);
    assertEquals(parsed.filter((text) => text !== ""), beginnings(line));
  }
  const { parsed, told } = await type(network, [..."math.add(1,", "\r", ..."2)", "\r"]);
  assertEquals(parsed, [...beginnings("math.add(1,"), "2", "2)", "math.add(1,\n2)"]);
  assertEquals(told.slice(0, 2), ["", "3"]);
});

Deno.test("what arrives together is parsed once", async () => {
  await using network = await Network.start();
  const line = "math.add(1000000, 2000000)";
  const { parsed, told } = await type(network, [`${line}\r`]);
  assertEquals(parsed, [line]);
  assertEquals(told.slice(0, 2), ["", "3000000"]);
});
