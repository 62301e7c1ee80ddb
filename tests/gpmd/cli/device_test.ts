// gpmd device, and gpmd --device: with no daemon, with one, and with two on loopback, which all its steps have.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { eventually } from "../../tools/commands.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { assertError, GPMD, gpmd, gpmdWith } from "../../tools/gpmd_command.ts";
import { devicesOf, pairDevices, type TestDevice, withDevices } from "../../tools/paired_devices.ts";
import { Terminal, whyNoTerminal } from "../../tools/terminal.ts";
import { keeperOf, linksOf, nextLink, noLinks, noneLeft } from "../link/_processes.ts";
import { ADD_MODULE, temporaryHome } from "../_modules.ts";

const CODE = /^ghost1-[0-9a-z]+-[0-9a-z]+@127\.0\.0\.1:\d+$/;

interface Listed {
  readonly name: string;
  readonly way?: string;
}

/** What `gpmd device list` says. */
async function listed(device: TestDevice): Promise<Listed[]> {
  return JSON.parse((await device.lines("device", "list", "--json")).join("\n"));
}

const jsonOf = async (device: TestDevice, ...args: string[]) =>
  JSON.parse((await device.lines(...args, "--json")).join(""));

/** The port of a device's link. */
const portOf = ({ link }: TestDevice) => Number(link[0]!.split("=")[1]);

/** Resolves when `device` has no link, nor this process any keeper. */
const isGone = ({ daemon: { settings } }: TestDevice) => noneLeft(settings.home);

const noTerminal = await whyNoTerminal();

Deno.test("without a daemon every device command is GPMD_NOT_RUNNING", async () => {
  using place = temporaryHome();
  const env = { GHOST_HOME: place.home };
  for (const args of [["list"], ["invite"], ["join", "ghost1-x"], ["rename", "a", "b"], ["remove", "a"]]) {
    assertError(await gpmd(env, "device", ...args), "GPMD_NOT_RUNNING");
  }
});

Deno.test("gpmd device, while no device is paired", async (t) => {
  await using daemon = await startDaemon();

  await t.step("before the first invitation there is no link, and the list says how to invite", async () => {
    const { code, stdout, stderr } = await gpmd(daemon.env, "device", "list");
    assertEquals([code, stdout], [0, ""]);
    assertEquals(stderr, "No device is paired with this one; invite one with: gpmd device invite\n");
    assertEquals((await gpmd(daemon.env, "device", "list", "--json")).stdout, "[]\n");
    assertError(await gpmd(daemon.env, "device", "remove", "laptop"), "DEVICE_NOT_FOUND");
    assertError(await gpmd(daemon.env, "device", "rename", "laptop", "work"), "DEVICE_NOT_FOUND");
    assertError(await gpmd(daemon.env, "--device=laptop", "status"), "LINK_NOT_RUNNING");
    assertError(await gpmd(daemon.env, "device", "join", "ghost1-nonsense"), "PAIRING_FAILED");
    assertEquals(linksOf(daemon.settings.home), []);
  });

  await t.step({
    name: "a terminal is asked for the code",
    ignore: noTerminal !== undefined,
    async fn() {
      await using terminal = await Terminal.start(["deno", ...GPMD, "device", "join"], { env: daemon.env });
      await terminal.until((screen) => screen.trimEnd() === "Code:");
      await terminal.press("Enter");
      await terminal.until((screen) => screen.includes("needs a CODE"));
    },
  });

  await t.step(
    "what is chosen for the link is checked, and the daemon's own file cannot be made to widen it",
    async () => {
      const { home } = daemon.settings;
      await using client = await daemon.connect();
      await Promise.all([{ port: 7000 }, { dialled: [6000] }].map((change) => client.linkSettings(change)));
      const { port, dialled } = await client.linkSettings();
      assertEquals([port, dialled], [7000, [6000]]); // neither change has undone the other
      for (const list of ["10.0.0.0/8,--allow-all", "0.0.0.0/33", "example.com", "10.0.0.1:22"]) {
        assertError(await gpmd(daemon.env, "device", "invite", `--link-networks=${list}`), "BAD_ARGUMENTS");
      }
      for (
        const option of ["--link-port=65535", "--link-port=-1", "--link-port=x", "--for=0s", "--for=soon"]
      ) {
        const { code, stderr } = await gpmd(daemon.env, "device", "invite", option);
        assertEquals(code, 2, stderr);
      }
      await Deno.writeTextFile(
        `${home}/link.json`,
        `{"format":1,"port":5990,"networks":["1.2.3.4,example.com"]}`,
      );
      assertError(await gpmd(daemon.env, "device", "invite"), "BAD_ARGUMENTS");
      await Deno.writeTextFile(`${home}/link.json`, "{");
      assertError(await gpmd(daemon.env, "device", "invite"), "STORE_FAULT");
      assertEquals(linksOf(home), []);
      assert(!Array.from(Deno.readDirSync(home), ({ name }) => name).includes("link"));
    },
  );
});

Deno.test("gpmd device, with two devices", (t) =>
  withDevices(async (laptop, pi) => {
    await steps(t, laptop, pi);
  }));

/** What two devices that are not paired do, one after the other: the last of it without the laptop's first daemon. */
async function steps(t: Deno.TestContext, laptop: TestDevice, pi: TestDevice): Promise<void> {
  await t.step(
    "two devices are paired by one line, and know each other by the names that their users choose",
    async () => {
      const invited = await laptop.type("device", "invite", ...laptop.link);
      assertEquals([invited.code, invited.stderr], [0, ""]);
      assertMatch(invited.stdout.trimEnd(), CODE); // piped: the line and nothing else
      const code = invited.stdout.trimEnd();
      // From standard input: an operand could be seen by others.
      const join = ["device", "join", "--name=laptop", "--as=pi", ...pi.link];
      assertEquals(await gpmdWith(`${code}\n`, pi.daemon.env, ...join), {
        code: 0,
        stdout: "Paired with laptop.\nlaptop may do here: *, ship, modules\n",
        stderr: "",
      });
      for (const [device, name] of [[laptop, "pi"], [pi, "laptop"]] as const) {
        await eventually("the connection", async () => (await devicesOf(device))[0]?.reachable === true);
        const [{ name: called, way }] = await listed(device) as [Listed];
        assertEquals([called, way === "stream" || way === "lane"], [name, true]);
      }
      // Once used, a code is good for nobody.
      assertError(await pi.type("device", "join", code), "PAIRING_FAILED");
      assertError(await pi.type("device", "join", "ghost1-nonsense"), "PAIRING_FAILED");
      assertError(await gpmdWith(" ghost1-nonsense", pi.daemon.env, "device", "join", "-"), "PAIRING_FAILED");
      assertEquals((await gpmdWith("\n", pi.daemon.env, "device", "join")).code, 2);
      assertError(await pi.type("device", "join", code, "--name=local"), "INVALID_NAME");
    },
  );

  await t.step("the port that a code names may be dialled from then on", async () => {
    const port = portOf(laptop);
    const settings = JSON.parse(await Deno.readTextFile(`${pi.daemon.settings.home}/link.json`));
    assertEquals(settings.dialled, [port]);
    const [link] = linksOf(pi.daemon.settings.home);
    await pi.type("device", "join", `ghost1-x-y@127.0.0.1:${port}`);
    assertEquals(linksOf(pi.daemon.settings.home), [link]);
  });

  await t.step(
    "a device carries others once it is told to, at once and at every start, until it is told not to",
    async () => {
      const isRelay = async () => (await devicesOf(pi))[0]?.relay === true;
      assertEquals(await laptop.lines("device", "relay"), ["This device carries no connections of others."]);
      assertEquals(await isRelay(), false);
      assertEquals(await laptop.lines("device", "relay", "on"), [
        "This device carries connections of others.",
      ]);
      await eventually("the news", isRelay);
      const { home } = laptop.daemon.settings;
      const [link] = linksOf(home);
      // Its keeper would have the next link there before the other device is asked.
      const keeper = keeperOf(link!);
      Deno.kill(keeper, "SIGSTOP");
      Deno.kill(link!, "SIGKILL");
      try {
        await eventually("its end", async () => !await isRelay());
      } finally {
        Deno.kill(keeper, "SIGCONT");
      }
      await nextLink(home, link);
      await eventually("the news", isRelay);
      // What is remembered does not start a link anew that runs with it.
      const [now] = linksOf(home);
      await laptop.lines("device", "invite", "--for=1s", ...laptop.link);
      assertEquals(linksOf(home), [now]);
      assertEquals(await laptop.lines("device", "relay", "off", "--json"), ["{", '  "relay": false', "}"]);
      await eventually("the news", async () => !await isRelay());
      for (const words of [["up"], ["on", "off"]]) {
        assertEquals((await laptop.type("device", "relay", ...words)).code, 2);
      }
    },
  );

  await t.step("a device is renamed with its grants, and removed with them", async () => {
    await laptop.lines("grant", "pi", "commands");
    assertEquals(await laptop.lines("device", "rename", "pi", "kitchen"), [
      "pi is called kitchen from now on.",
    ]);
    const granted = async () => (await laptop.lines("grants", "kitchen", "--json")).join("");
    assertMatch(await granted(), /"kitchen".*"commands"/);
    assertEquals((await listed(laptop)).map(({ name }) => name), ["kitchen"]);
    assertError(await laptop.type("device", "remove", "pi"), "DEVICE_NOT_FOUND");
    assertError(await laptop.type("device", "rename", "kitchen", "everyone"), "INVALID_NAME");
    assertEquals(await jsonOf(laptop, "device", "rename", "kitchen", "garden"), {
      device: "kitchen",
      name: "garden",
    });
    assertEquals(await jsonOf(laptop, "device", "rename", "garden", "kitchen"), {
      device: "garden",
      name: "kitchen",
    });
    assertEquals(await laptop.lines("device", "remove", "kitchen"), [
      "kitchen is not paired with this device any more.",
    ]);
    assertEquals(await listed(laptop), []);
    assertEquals(JSON.parse(await granted()), []);
    await eventually("its end at the other side", async () => (await devicesOf(pi))[0]?.reachable === false);
    // The other one is told, and says so.
    const said = await pi.type("device", "list");
    assertMatch(said.stdout, /^laptop +no more /m);
    assertEquals(
      said.stderr,
      "laptop has removed this device; remove it with: gpmd device remove laptop\n",
    );
    // Nothing is paired here and no invitation is open: the link ends with its keeper. The other side is still paired by
    // its own words, until its user says otherwise.
    await isGone(laptop);
    assertEquals(linksOf(pi.daemon.settings.home).length, 1);
    assertEquals(await laptop.type("device", "list"), {
      code: 0,
      stdout: "",
      stderr: "No device is paired with this one; invite one with: gpmd device invite\n",
    });
    assertEquals(await jsonOf(pi, "device", "remove", "laptop"), { device: "laptop", removed: true });
  });

  await t.step(
    "a link that nobody needs any more ends with its keeper: nothing is paired, and no invitation is open",
    async () => {
      await isGone(pi);
      const [code] = await laptop.lines("device", "invite", "--for=1m", ...laptop.link);
      // What is chosen meanwhile holds at once, without a paired device too.
      const { home } = laptop.daemon.settings;
      const [link] = linksOf(home);
      await laptop.lines("start", "--link-networks=127.0.0.1,127.0.0.2");
      assert(await nextLink(home, link) !== link);
      await laptop.lines("device", "invite", "--for=1ms");
      await isGone(laptop);
      // Whoever comes too late finds nobody, and keeps no link for it either.
      assertError(await pi.type("device", "join", code!, ...pi.link), "DEVICE_UNREACHABLE");
      await isGone(pi);
    },
  );

  await t.step(
    "the list says how a device is reached, how long that takes, and what it may do here",
    async () => {
      await pairDevices(laptop, pi, "commands", "math.*");
      await eventually("a lane", async () => (await devicesOf(laptop))[0]?.way === "lane");
      const [titles, line] = await laptop.lines("device", "list");
      assertMatch(titles!, /^NAME +REACHABLE +WAY +PING +MAY DO HERE +ADDRESSES +FINGERPRINT$/);
      assertMatch(
        line!,
        /^pi +yes +lane +\d+\.\d ms +commands, math\.\* +127\.0\.0\.1:\d+ +12D3\w+$/,
      );
    },
  );

  await t.step("commands for another device do what it grants, and say what it does not", async () => {
    const file = await Deno.makeTempFile({ suffix: ".wasm" });
    await Deno.writeFile(file, ADD_MODULE);
    const upload = ["--device=laptop", "wasm", "upload", "--name=math", "--version=v1.0.0", file];
    try {
      const status = await pi.lines("--device=laptop", "status", "--json");
      assertEquals(JSON.parse(status.join("\n")).pid, laptop.daemon.pid);
      assertError(await pi.type("status", "--device", "nobody"), "DEVICE_NOT_FOUND");
      // What is not granted is refused before a byte of it is sent, and the message says what helps.
      const refused = await pi.type(...upload);
      assertError(refused, "NOT_GRANTED");
      assertMatch(refused.stderr, /gpmd grant pi manage\n$/);
      assertError(await pi.type("kill", "--device=laptop"), "NOT_GRANTED");
      await laptop.lines("grant", "pi", "manage");
      assertEquals((await pi.lines(...upload))[0], "Module Uploaded Successfully!");
      assertMatch((await laptop.lines("wasm", "list")).join(), /math +v1\.0\.0/);
      assertMatch(
        (await pi.lines("wasm", "info", "math", "--device=laptop")).join(),
        /add\(i32, i32\) -> i32/,
      );
      assertEquals(await pi.lines("wasm", "remove", "math", "--device=laptop"), ["Removed math@v1.0.0"]);
      await laptop.lines("revoke", "pi", "commands", "manage");
      for (const command of ["status", "nodes", "kill"]) {
        assertError(await pi.type(command, "--device=laptop"), "NOT_GRANTED");
      }
      // A device commands nobody back that has not granted it.
      assertError(await laptop.type("status", "--device=pi"), "NOT_GRANTED");
    } finally {
      await Deno.remove(file);
    }
  });

  await t.step("a device that may manage stops the other's GPMD, and hears that it has", async () => {
    await laptop.lines("grant", "pi", "manage");
    assertEquals(await pi.lines("kill", "--device=laptop"), ["GPMD of laptop has been stopped."]);
    await laptop.daemon.process.status;
    await noLinks(laptop.daemon.settings.home);
    await eventually("the news", async () => (await devicesOf(pi))[0]?.reachable === false);
    assertError(await pi.type("status", "--device=laptop"), "DEVICE_UNREACHABLE");
  });

  await t.step(
    "gpmd start starts the link again where a device is paired, with what was chosen for it",
    async () => {
      const { home } = laptop.daemon.settings;
      try {
        assertEquals(await laptop.lines("start"), ["GPMD is running in the background."]);
        assertEquals(linksOf(home).length, 1);
        // Both ends remember where the other is: nobody types anything.
        await eventually("the connection", async () => (await devicesOf(pi))[0]?.reachable === true);
        assertEquals((await devicesOf(pi))[0]!.addresses, [`127.0.0.1:${portOf(laptop)}`]);
        // A second start finds it running.
        assertMatch((await laptop.lines("start")).join(), /already running/);
        assertEquals(linksOf(home).length, 1);
        const settings = JSON.parse(await Deno.readTextFile(`${home}/link.json`));
        assertEquals([settings.format, settings.networks], [1, ["127.0.0.1"]]);
      } finally {
        await laptop.lines("kill");
      }
    },
  );

  await t.step("gpmd start -nd starts the link too, and both end with it", async () => {
    const { home } = laptop.daemon.settings;
    await noLinks(home);
    const serving = laptop.type("start", "-nd");
    await eventually("the link", () => linksOf(home).length === 1);
    await eventually("the connection", async () => (await devicesOf(pi))[0]?.reachable === true);
    await laptop.lines("kill");
    assertEquals((await serving).code, 0);
    await noLinks(home);
  });
}
