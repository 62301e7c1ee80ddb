import { startTarget } from "/work/main/tests/hostile/_targets.ts";
import { describeFlood, flood } from "/work/main/tests/hostile/_flood.ts";
import { SILENCES } from "/work/main/tests/hostile/_flooder.ts";
for (const kind of Deno.args[0]!.split(",")) {
  for (const silence of SILENCES) {
    await using target = await startTarget(kind as "gmp", 1);
    console.log(
      kind,
      silence,
      describeFlood(
        await flood(target, { silence, connections: Number(Deno.args[1]), time: Number(Deno.args[2]) }),
      ),
    );
  }
}
