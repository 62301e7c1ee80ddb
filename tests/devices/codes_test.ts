// Codes of invitations in the wrong hands, or at the wrong time, through the commands.
import { assertEquals } from "@std/assert";
import { assertError } from "../tools/gpmd_command.ts";
import { devicesOf, type TestDevice, withDevices } from "../tools/paired_devices.ts";

/** The first, second or third code like `code` with another token: its key and its addresses are right. */
function guess(code: string, nth: number): string {
  const [prefix, key, rest] = code.split("-") as [string, string, string];
  const [letter] = [..."0123"].filter((one) => one !== rest[0]).slice(nth - 1);
  return [prefix, key, `${letter}${rest.slice(1)}`].join("-");
}

const isPaired = async (device: TestDevice) => (await devicesOf(device)).length > 0;

Deno.test("a code is good for one device, once, in time; three wrong tries end it for their address", async () => {
  await withDevices(async (laptop, pi, nas) => {
    const join = (device: TestDevice, code: string, name = "pi") =>
      device.type("device", "join", code, "--name=laptop", `--as=${name}`, ...device.link);
    const invite = async (...args: string[]) =>
      (await laptop.lines("device", "invite", ...laptop.link, ...args))[0]!;

    const ended = await invite();
    for (let nth = 1; nth <= 3; nth++) assertError(await join(pi, guess(ended, nth)), "PAIRING_FAILED");
    assertError(await join(pi, ended), "PAIRING_FAILED");
    assertEquals([await isPaired(laptop), await isPaired(pi)], [false, false]);

    // Two wrong ones do not, and not those of others: a code is its owner's until it is used.
    const code = await invite();
    for (let nth = 1; nth <= 2; nth++) {
      assertError(await join(nas, guess(code, nth), "nas"), "PAIRING_FAILED");
    }
    assertEquals((await join(pi, code)).code, 0);
    assertError(await join(nas, code, "nas"), "PAIRING_FAILED");
    assertError(await join(pi, code), "PAIRING_FAILED");
    assertEquals([await isPaired(nas), await isPaired(pi)], [false, true]);

    const late = await invite("--for=1ms");
    assertError(await join(nas, late, "nas"), "PAIRING_FAILED");
    assertEquals(await isPaired(nas), false);
  }, 3);
});
