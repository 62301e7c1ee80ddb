// A node that is killed while its executor is idle, waits, or loops; it says which process that is once it does. With
// "cancelled" it kills itself, before the executor has told of the call that it cancelled.
import { Harness, nextText } from "../harness.ts";

const harness = new Harness({ limits: { time: 60_000 } });
const caller = await harness.caller();
const command = Deno.args[0]!;
const stop = new AbortController();
if (command !== "idle") {
  // "loop" reads the end of its input and then keeps the thread; "talk" waits for input that never comes.
  const forever = Promise.withResolvers<never>();
  const stdin = command !== "talk" ? "" : (async function* () {
    yield await forever.promise;
  })();
  const program = command === "cancelled" ? "loop" : command;
  const run = caller.run("program", [program], { stdin, signal: stop.signal });
  await nextText(run[Symbol.asyncIterator]());
}
console.log(harness.executors.join(" "));
if (command === "cancelled") {
  stop.abort();
  setTimeout(() => Deno.kill(Deno.pid, "SIGKILL"), 10);
}
setInterval(() => {}, 1e6);
