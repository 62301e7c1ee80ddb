// The engine's values compared with those of the specification's reference implementation, which is in Python.
import { assertEquals } from "@std/assert";
import { Random } from "../../gmp/_wire.ts";
import { referenceCase } from "./_reference.ts";

const SUITE = Deno.env.get("COMPONENT_MODEL_SUITE");
const CASES = 60;

Deno.test({
  name: `${CASES} random functions pass what the reference implementation passes, and read noise as it does`,
  ignore: SUITE === undefined,
  async fn() {
    const seed = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 2 ** 32));
    const count = Number(Deno.env.get("COUNT") ?? CASES);
    const lines: string[] = [];
    for (let number = 0; number < count; number++) {
      lines.push(await referenceCase(new Random(seed + number | 0)));
    }
    const child = new Deno.Command("python3", {
      args: [
        new URL("_reference.py", import.meta.url).pathname,
        `${SUITE}/design/mvp/canonical-abi`,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      env: { PYTHONDONTWRITEBYTECODE: "1" },
    }).spawn();
    const input = new Blob([lines.join("\n") + "\n"]).stream();
    const [{ stdout, stderr }] = await Promise.all([child.output(), input.pipeTo(child.stdin)]);
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assertEquals(said, `${count}\n`, `SEED=${seed}`);
  },
});
