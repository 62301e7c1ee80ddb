/** A client that asks GPMD for its status again and again, until its standard input ends; then it prints how often it was answered. */
import { GpmdClient } from "../../gpmd/client/client.ts";

await using gpmd = await GpmdClient.connect();
const { pid } = await gpmd.status();
console.log("connected");
let isOver = false;
const over = Deno.stdin.read(new Uint8Array(1)).then(() => isOver = true);
let answers = 0;
for (; !isOver; answers++) {
  if ((await gpmd.status()).pid !== pid) throw new Error("Another daemon answers");
}
await over;
console.log(answers);
