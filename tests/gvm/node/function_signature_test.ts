import { assertEquals } from "@std/assert";
import { Network } from "../../tools/network.ts";
import { assertFails } from "../harness.ts";

Deno.test("what a function takes and returns is known without calling it, here and on another node", async () => {
  await using network = await Network.start();
  const [here] = await network.pair();
  const expected = {
    parameters: ["i32", "i64", "f32", "f64"],
    results: ["f64", "f32", "i64", "i32"],
  } as const;
  for (const options of [{}, { on: "there" }]) {
    assertEquals(await here.signature("counter.reverse", options), expected);
    assertEquals(await here.signature("counter@v0.0.1.next", options), { parameters: [], results: ["i32"] });
    assertEquals(await here.call("counter.next", [], options), 1, "it was not called");
  }
  await assertFails("FUNCTION_NOT_FOUND", here.signature("counter.nothing"));
  await assertFails("MODULE_NOT_FOUND", here.signature("nothing.next"));
  await assertFails("NOT_CONNECTED", here.signature("counter.next", { on: "nobody" }));
});

Deno.test("a signature is remembered with the function, also when GPMD is gone", async () => {
  await using network = await Network.start();
  const here = await network.node("here");
  assertEquals(await here.call("counter.half", [3]), 1.5);
  network.daemon.process.kill("SIGKILL");
  await network.daemon.process.status;
  assertEquals(await here.signature("counter.half"), { parameters: ["f32"], results: ["f32"] });
});
