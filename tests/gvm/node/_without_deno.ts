// A process that finds no `deno` on its PATH asks for an executor, twice; it prints the errors.
import { Harness } from "../harness.ts";

await using harness = new Harness();
const caller = harness.open();
for (let attempt = 0; attempt < 2; attempt++) {
  const error = await caller.client.connect().then(() => undefined, (error) => error);
  console.log(`${error?.code} ${error?.message.replaceAll("\n", " ")}`);
}
