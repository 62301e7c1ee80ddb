import { assert, assertEquals } from "@std/assert";
import { ERROR_SENTENCES, GhostError } from "../../../gmp/errors.ts";
import { errorText } from "../../../gvm/repl/lines.ts";
import { Network } from "../../tools/network.ts";
import { assertFails } from "../harness.ts";

Deno.test("a program is told of the library, and a person at the prompt of the prompt", async () => {
  await using network = await Network.start();
  const node = await network.node("here");
  const error = await assertFails("NOT_CONNECTED", node.call("math.add", [1, 2], { on: "nobody" }));
  const cause = 'Cannot reach "nobody": it is not connected; connect first with';
  assertEquals(error.message, `${cause} node.connect("nobody")`);
  assertEquals(errorText(error), `NOT_CONNECTED: ${cause} Node.connect(nobody)`);
});

Deno.test("no sentence of a code speaks of the prompt, and at the prompt the one of NOT_CONNECTED does", () => {
  for (const sentence of Object.values(ERROR_SENTENCES)) assert(!sentence.includes("Node."), sentence);
  assertEquals(
    errorText(new GhostError("NOT_CONNECTED")),
    "NOT_CONNECTED: The node is not connected; connect first with: Node.connect(name)",
  );
});

Deno.test("what a person can do about a function that has changed is to give the line again", () => {
  const details = { before: "f(i32) -> i32", now: "f(f32) -> f32" };
  const error = new GhostError("UNSUPPORTED_SIGNATURE", "Cannot call f: …; look it up again", { details });
  assertEquals(
    errorText(error),
    "UNSUPPORTED_SIGNATURE: Cannot call the function: it was f(i32) -> i32 and is f(f32) -> f32 now; give the line again",
  );
});

Deno.test("what has no wording of its own at the prompt reads as it was sent, also with odd details", () => {
  for (
    const error of [
      new GhostError("NOT_CONNECTED", "Cannot answer: introduce yourself first"),
      new GhostError("NOT_CONNECTED", "Cannot reach it", { details: { node: 5 } }),
      new GhostError("UNSUPPORTED_SIGNATURE", "Cannot use f", {
        details: { declared: "()", found: "(i32)" },
      }),
    ]
  ) {
    assertEquals(errorText(error), `${error.code}: ${error.message}`);
  }
});
