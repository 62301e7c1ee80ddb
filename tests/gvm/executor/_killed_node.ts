// A node that is killed while its executor is idle, waits, or loops; it says which process that is once it does.
import { Harness, nextText } from "../harness.ts";

const harness = new Harness({ limits: { time: 60_000 } });
const caller = await harness.caller();
const command = Deno.args[0]!;
if (command !== "idle") {
  // "loop" reads the end of its input and then keeps the thread; "talk" waits for input that never comes.
  const forever = Promise.withResolvers<never>();
  const stdin = command === "loop" ? "" : (async function* () {
    yield await forever.promise;
  })();
  const run = caller.run("program", [command], { stdin });
  await nextText(run[Symbol.asyncIterator]());
}
console.log(harness.executors.join(" "));
setInterval(() => {}, 1e6);
