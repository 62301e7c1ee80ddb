import { assertEquals } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { errorText, readLines } from "../../../gvm/repl/lines.ts";
import { Network } from "../../tools/network.ts";
import { told } from "./_recorder.ts";

Deno.test("an unfinished command goes on in the next line, and is a mistake at the end", async () => {
  await using network = await Network.start();
  const node = await network.node("here");
  assertEquals((await told(node, ["counter.divmod(", "7,", "2)"])).told, ["= [3, 1]"]);
  const { told: lines, failed } = await told(node, ["math.add(1,"]);
  assertEquals([lines, failed], [["! math.add(1,\n           ^ expected an argument"], 1]);
});

Deno.test("the first line that fails ends it, unless it is to be kept going", async () => {
  await using network = await Network.start();
  const node = await network.node("here");
  const lines = ["math.ad(1)", "math.add(1,,2)", "Node.list()"];
  assertEquals(await told(node, lines), {
    told: [
      "! FUNCTION_NOT_FOUND: Cannot call ad: math@v0.0.1 exports no such function; did you mean add? there are add, sub, mul, div, addf, add64",
    ],
    failed: 1,
    failures: [1],
    others: 0,
    outcome: "continue",
  });
  const { told: all, failed } = await told(node, lines, { keepGoing: true });
  assertEquals([all.slice(1), failed], [["! math.add(1,,2)\n           ^ expected an argument", ""], 1]);
  const many = await told(node, Array.from({ length: 15 }, () => "nothing"), { keepGoing: true });
  assertEquals([many.failures, many.others], [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 5]);
});

Deno.test("exit ends it with a goodbye", async () => {
  await using network = await Network.start();
  const node = await network.node("here");
  assertEquals(await told(node, ["exit", "Node.list()"]), {
    told: ["Goodbye :("],
    failed: 0,
    failures: [],
    others: 0,
    outcome: "exit",
  });
});

Deno.test("a signal stops the line under way and those that would follow", async () => {
  await using network = await Network.start();
  const node = await network.node("here");
  const stop = new AbortController();
  const doing = told(node, ["program(loop)", "Node.list()"], { keepGoing: true, signal: stop.signal });
  await node.warm();
  stop.abort();
  const { told: lines, failed } = await doing;
  assertEquals([lines.filter((line) => line.startsWith("!")), failed], [[], 1]);
});

Deno.test("an error is told with its code and sentence, whatever it was", () => {
  assertEquals(
    errorText(new GhostError("NODE_NOT_FOUND")),
    "NODE_NOT_FOUND: No node of that name is registered",
  );
  assertEquals(errorText(new Error("oops")).split(":")[0], "INTERNAL");
  assertEquals(errorText("oops").includes("\n"), false);
});

Deno.test("a stream is cut into lines, and a line that never ends does not take memory without end", async () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const lines = async (...chunks: Uint8Array[]) => {
    const stream = ReadableStream.from(chunks);
    return await Array.fromAsync(readLines(stream));
  };
  assertEquals(await lines(bytes("a\nb\r\n"), bytes("c"), bytes("d\n\ne")), ["a", "b", "cd", "", "e"]);
  const euro = bytes("€\n");
  assertEquals(await lines(euro.slice(0, 1), euro.slice(1, 2), euro.slice(2)), ["€"]);
  const endless = Array.from({ length: 100 }, () => bytes("x".repeat(65_536)));
  const [line, ...others] = await lines(...endless, bytes("\nnext"));
  assertEquals([line!.length <= 2 * 65_536 + 1, others], [true, ["next"]]);
});
