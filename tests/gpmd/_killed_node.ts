/** Registers a node called "doomed" with the daemon of the given settings, says so, and waits to be killed. */
import { readSecret } from "../../gmp/device/secret.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { connectNode } from "./_node.ts";

if (import.meta.main) {
  const settings = JSON.parse(Deno.args[0]!) as Settings;
  const node = await connectNode({ settings, secret: await readSecret(settings.home, Deno) });
  await node.register("doomed");
  console.log("registered");
  await node.channel.closed;
}
