// gpmd device doctor: what it finds, and what it says to do. All steps have the same two devices on loopback.
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { eventually } from "../../tools/commands.ts";
import { assertError, GPMD } from "../../tools/gpmd_command.ts";
import { devicesOf, pairDevices, type TestDevice, withDevices } from "../../tools/paired_devices.ts";
import { gone, linksOf, nextLink, noLinks } from "../link/_processes.ts";

/** What the doctor says of the laptop, and its exit code. */
async function said(pi: TestDevice): Promise<[number, string]> {
  const { code, stdout, stderr } = await pi.type("device", "doctor", "laptop");
  assertEquals(stderr, "");
  return [code, stdout];
}

async function states(pi: TestDevice): Promise<string[]> {
  const { stdout } = await pi.type("device", "doctor", "laptop", "--json");
  return JSON.parse(stdout).addresses.map(({ state }: { state: string }) => state);
}

const portOf = ({ link }: TestDevice) => Number(link[0]!.split("=")[1]);

async function pidOf({ daemon }: TestDevice): Promise<number> {
  await using gpmd = await daemon.connect();
  return (await gpmd.status()).pid;
}

/** Stops the laptop's GPMD, and waits for the end of its link. */
async function stop(laptop: TestDevice): Promise<void> {
  await laptop.lines("kill");
  await noLinks(laptop.daemon.settings.home);
}

Deno.test("the doctor", (t) =>
  withDevices(async (laptop, pi) => {
    try {
      await steps(t, laptop, pi);
    } finally {
      await laptop.type("kill");
    } // the GPMD that a step has started
  }));

/** What two devices that are not paired do, one after the other; they are paired from the first step to the last. */
async function steps(t: Deno.TestContext, laptop: TestDevice, pi: TestDevice): Promise<void> {
  const found = () => eventually("the connection", async () => (await devicesOf(pi))[0]?.reachable === true);

  await t.step("the doctor says how a device is reached, and what each may do with the other", async () => {
    assertError(await pi.type("device", "doctor", "laptop"), "DEVICE_NOT_FOUND");
    await pairDevices(laptop, pi, "math.*");
    assertError(await pi.type("device", "doctor", "desk"), "DEVICE_NOT_FOUND");
    await eventually("a lane", async () => (await devicesOf(pi))[0]?.way === "lane");
    const [code, text] = await said(pi);
    assertEquals(code, 0);
    const port = portOf(laptop);
    assertMatch(
      text,
      new RegExp(
        "^laptop is reached directly, and calls have a connection of their own \\(lane\\), a PING takes \\d+\\.\\d ms; " +
          `it runs ghost/\\S+\\.\n127\\.0\\.0\\.1:${port} answers as laptop\\.\n` +
          "laptop may do here: \\*, ship, modules\\.\n" +
          "This device may not ask the GPMD of laptop \\(commands\\); .*: gpmd grants\n$",
      ),
    );
    await laptop.lines("grant", "pi", "commands");
    assertMatch((await said(pi))[1], /^This device may ask the GPMD of laptop \(commands\)\.$/m);
    const { stdout } = await pi.type("device", "doctor", "laptop", "--json");
    const { addresses, lanes, clock, found } = JSON.parse(stdout);
    assertEquals(addresses, [{ address: `127.0.0.1:${port}`, state: "works" }]);
    assertEquals(lanes, [{ address: `127.0.0.1:${port + 1}`, state: "works" }]);
    assertEquals([Math.abs(clock) < 1000, found.length], [true, 4]);
  });

  await t.step("the doctor says what stands in the way, and what to do about it", async () => {
    const { home } = laptop.daemon.settings;
    const address = { hostname: "127.0.0.1", port: portOf(laptop) };
    await stop(laptop);
    const [code, text] = await said(pi);
    assertEquals(code, 1);
    assertMatch(text, /^laptop cannot be reached, since 20\d\d-/);
    assertMatch(text, /refuses the connection: the machine is there/);
    assertMatch(text, /^Start GPMD on laptop: gpmd start\./m);
    {
      // Something else has the port: it takes connections and says nothing.
      using _other = Deno.listen(address);
      assertEquals(await states(pi), ["mute"]);
    }
    // The laptop was set up anew, and has another key.
    await Deno.rename(`${home}/link/key`, `${home}/key`);
    await laptop.lines("start");
    {
      await using gpmd = await pi.daemon.connect();
      const state = async () => (await gpmd.examineDevice("laptop")).addresses[0]?.state;
      await eventually("another key", async () => await state() === "other");
    }
    assertEquals((await states(pi))[0], "other");
    assertMatch((await said(pi))[1], /If laptop was set up anew, it has a new key/);
    await stop(laptop);
    // It has its own key again, and is found.
    await Deno.rename(`${home}/key`, `${home}/link/key`);
    await laptop.lines("start");
    await found();
    assertEquals((await said(pi))[0], 0);
    // This device may not dial where it is.
    await restartLink("127.0.0.2");
    assertEquals(await states(pi), ["outside"]);
    assertMatch((await said(pi))[1], /gpmd start --link-networks=127\.0\.0\.2,127\.0\.0\.1$/m);
  });

  await t.step(
    "a device is started again from here by what runs there, as a service does, and only so",
    async () => {
      await restartLink("127.0.0.1");
      await found();
      const restart = () => pi.type("--device=laptop", "restart");
      assertError(await restart(), "NOT_GRANTED");
      await laptop.lines("grant", "pi", "manage");
      assertError(await restart(), "BAD_ARGUMENTS: Cannot restart GPMD of laptop");
      await stop(laptop);
      const service = new Deno.Command("deno", {
        args: [...GPMD, "start", "-nd"],
        env: laptop.daemon.env,
        stdout: "null",
        stderr: "null",
      }).spawn();
      try {
        await found();
        const pid = await pidOf(laptop);
        assertEquals(await restart(), {
          code: 0,
          stdout: "GPMD of laptop has been restarted.\n",
          stderr: "",
        });
        assertNotEquals(await pidOf(laptop), pid);
      } finally {
        service.kill("SIGTERM");
        await service.status;
        await noLinks(laptop.daemon.settings.home);
      }
      await laptop.lines("start");
    },
  );

  await t.step("the doctor says that a device has removed this one", async () => {
    await found();
    await laptop.lines("device", "remove", "pi");
    await eventually("the end", async () => !(await devicesOf(pi))[0]?.reachable);
    const [code, text] = await said(pi);
    assertEquals(code, 1);
    assertMatch(text, /^laptop has removed this device, .* gpmd device remove laptop/m);
  });

  /** Has the pi's link dial in this network alone: it is started again. */
  async function restartLink(network: string): Promise<void> {
    const link = await nextLink(pi.daemon.settings.home);
    await pi.lines("start", `--link-networks=${network}`);
    await nextLink(pi.daemon.settings.home, link);
    await gone(link);
    assertEquals(linksOf(pi.daemon.settings.home).length, 1);
  }
}
