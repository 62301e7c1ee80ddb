import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { OptionError, readOptions } from "../bench/options.ts";
import { ROWS } from "../bench/rows/mod.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

async function bench(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = new Deno.Command("deno", { args: ["task", "--quiet", "bench", ...args], cwd: ROOT });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("a row is measured, shown and written as JSON, with its contestants and ratios", async () => {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  const { code, stdout, stderr } = await bench("--quick", "--only=call-by-name", `--json=${file}`);
  assertEquals(code, 0, stderr);
  const { quick, cores, results } = JSON.parse(await Deno.readTextFile(file));
  await Deno.remove(file);
  assert(quick);
  assertEquals(cores, navigator.hardwareConcurrency);
  assert(results.length >= 1, "one result for each placement");
  for (const { row, unit, figures, verdicts } of results) {
    assertEquals([row, unit], ["call-by-name", "µs"]);
    assertEquals(figures.map(({ name }: { name: string }) => name), ["ghost, by name", "ghost, resolved"]);
    for (const { median, p99, rounds } of figures) {
      assert(median > 0 && p99 >= median, `${median}, ${p99}`);
      assertEquals(rounds.length, 2);
    }
    assertEquals(figures[0].ratio, undefined);
    assert(figures[1].ratio > 0);
    assertEquals(verdicts.length, 1);
  }
  assert(/^row +placement +who +median +p99 +± +first ÷ this$/m.test(stdout), stdout);
  assert(/^call-by-name .* ghost, by name +[\d.,]+ µs /m.test(stdout), stdout);
});

Deno.test("--list names every row of the bench once", async () => {
  const { code, stdout } = await bench("--list");
  assertEquals(code, 0);
  const rows = stdout.trimEnd().split("\n").map((line) => line.split(" ")[0]!);
  assertEquals(new Set(rows).size, rows.length);
  for (const row of ["call", "concurrent", "nodes", "inline", "upload", "start-gpmd", "register"]) {
    assert(rows.includes(row), row);
  }
});

Deno.test("--help shows every option, and what cannot be is refused before anything is measured", async () => {
  const { code, stdout } = await bench("--help");
  assertEquals(code, 0);
  for (const option of ["--quick", "--only=", "--json=", "--list", "--help"]) {
    assert(stdout.includes(option), option);
  }
  const refusals = {
    "--only=cal": 'there is no row "cal"; did you mean call?',
    "--only=nothing": 'there is no row "nothing"',
    "--onyl=call": "there is no option --onyl; did you mean --only?",
    "--json": "--json needs a value",
    "call": '"call" is no option',
  };
  for (const [arg, message] of Object.entries(refusals)) {
    const error = assertThrows(() => readOptions([arg], ROWS), OptionError);
    assertEquals(error.message, message);
  }
  assertEquals(await bench("--only=cal"), {
    code: 2,
    stdout: "",
    stderr: `bench: ${refusals["--only=cal"]}\nTry: deno task bench --help\n`,
  });
});
