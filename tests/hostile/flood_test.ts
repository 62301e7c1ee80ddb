/** Floods of a few hundred connections that misbehave in every way at once; `deno task soak flood` makes larger ones. */
import { assert } from "@std/assert";
import { runCommand } from "../tools/commands.ts";
import { PORT_KINDS } from "./_conversation.ts";
import { flood } from "./_flood.ts";
import { INSIDERS, STRANGERS } from "./_flooder.ts";
import { startTarget, type Target } from "./_targets.ts";

const CONNECTIONS = 300;
/** Milliseconds of flood. */
const TIME = 1000;

/** What `gpmd status --json` tells of the connections. */
async function connectionsOf({ daemon }: Target): Promise<{ waiting: number; refused: number }> {
  const { stdout } = await runCommand("gpmd", ["status", "--json"], { env: daemon!.env });
  const { connections: { waiting, command, gmp } } = JSON.parse(stdout);
  return { waiting, refused: command.refused + gmp.refused };
}

for (const kind of PORT_KINDS) {
  Deno.test(`flooded in every way, a port serves who behaves, in bounded memory, and counts (${kind})`, async () => {
    await using target = await startTarget(kind, 8);
    let looks = 0;
    const look = async () => {
      if (target.daemon === undefined || looks++ > 0) return;
      const { waiting, refused } = await connectionsOf(target);
      assert(waiting > 0 && refused > 0, `${waiting} waiting and ${refused} refused were counted`);
    };
    const abuses = [...STRANGERS, ...INSIDERS];
    const { made, during } = await flood(target, { abuses, connections: CONNECTIONS, time: TIME }, look);
    assert(made >= CONNECTIONS, `only ${made} connections were made`);
    assert(during.times > 0, "nobody was served");
  });
}
