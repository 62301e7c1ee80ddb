import { assertEquals, assertMatch } from "@std/assert";
import { runCommand } from "../tools/commands.ts";
import { gpmd } from "../tools/gpmd_command.ts";
import { Network } from "../tools/network.ts";

Deno.test("names and numbers, as they are shown and typed", async (t) => {
  await using network = await Network.start();

  await t.step(
    "every export is called exactly as gpmd wasm info shows it, at the prompt and by the library",
    async () => {
      await network.upload("w01-names", "v0.0.1", "names");
      const { stdout } = await gpmd(network.daemon.env, "wasm", "info", "w01-names");
      const shown = stdout.slice(stdout.indexOf("Exports") + 8, stdout.indexOf("Imports")).trimEnd().split(
        "\n",
      )
        .map((line) => line.slice(2));
      const numbers = shown.map((_, i) => i + 1);
      assertEquals(numbers.length, 25);
      const lines = shown.map((text) => `w01-names.${text.replace(/ -> i32$/, "")}`);
      const typed = await runCommand("gvm", [], { env: network.daemon.env, stdin: lines.join("\n") });
      assertEquals([typed.code, typed.stdout], [0, numbers.map((n) => `${n}\n`).join("")], typed.stderr);

      const [here] = await network.pair();
      for (const isolation of [{}, { on: "there" }, { isolation: "inline" } as const]) {
        const called = shown.map(async (text) =>
          await (await here.function(`w01-names.${text}`, isolation))()
        );
        assertEquals(await Promise.all(called), numbers);
      }
      const { functions } = await here.describe("w01-names");
      assertEquals(await Promise.all(functions.map(({ name }) => here.call(`w01-names#${name}`))), numbers);
    },
  );

  await t.step(
    "a number that a float holds exactly is taken, one that it would round is refused",
    async () => {
      await network.upload("w11-nums", "v0.0.1", "numbers");
      const same: [type: string, ...numbers: string[]][] = [
        ["f64", "9007199254740992", "-9007199254740994", "9223372036854775808", "-18446744073709551616"],
        ["f64", "100000000000000000000", "1e+300", "5e-324", "-0", "NaN", "-Infinity"],
        ["f32", "16777216", "-16777218", "1.8446744e+19", "3.4028235e+38", "0.1"],
        ["i64", "9007199254740993", "-9223372036854775808", "9223372036854775807"],
        ["i32", "-2147483648", "2147483647"],
      ];
      const lines = same.flatMap(([type, ...numbers]) =>
        numbers.map((one) => [`w11-nums.${type}(${one})`, one])
      );
      lines.push(["w11-nums.f32(18446744073709551616)", "1.8446744e+19"], [
        "w11-nums.f64(0x20000000000000)",
        lines[0]![1]!,
      ]);
      const stdin = lines.map(([line]) => line).join("\n");
      const taken = await runCommand("gvm", [], { env: network.daemon.env, stdin });
      assertEquals(
        [taken.code, taken.stdout.trim().split("\n")],
        [0, lines.map(([, result]) => result)],
        taken.stderr,
      );
      for (
        const [line, nearest] of [
          ["f64(9007199254740993)", "9007199254740992"],
          ["f32(-16777217n)", "-16777216"],
        ]
      ) {
        const { code, stderr } = await runCommand("gvm", ["run", `w11-nums.${line}`], {
          env: network.daemon.env,
        });
        assertEquals(code, 1);
        assertMatch(stderr, new RegExp(`^BAD_ARGUMENTS: .* not an f.. \\(the nearest is ${nearest}\\)`));
      }
    },
  );
});
