// gpmd device, and gpmd --device, with two daemons on loopback.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { eventually } from "../../tools/commands.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { assertError, GPMD, gpmd, gpmdWith } from "../../tools/gpmd_command.ts";
import { pairDevices, type TestDevice, withDevices } from "../../tools/paired_devices.ts";
import { Terminal, whyNoTerminal } from "../../tools/terminal.ts";
import { keeperOf, linksOf, nextLink, noneLeft } from "../link/_processes.ts";
import { ADD_MODULE, temporaryHome } from "../_modules.ts";

const CODE = /^ghost1-[0-9a-z]+-[0-9a-z]+@127\.0\.0\.1:\d+$/;

interface Listed {
  readonly name: string;
  readonly reachable: boolean;
  readonly way?: string;
  readonly removed?: boolean;
  readonly relay?: boolean;
}

async function devicesOf(device: TestDevice): Promise<Listed[]> {
  return JSON.parse((await device.lines("device", "list", "--json")).join("\n"));
}

Deno.test("without a daemon every device command is GPMD_NOT_RUNNING", async () => {
  using place = temporaryHome();
  const env = { GHOST_HOME: place.home };
  for (const args of [["list"], ["invite"], ["join", "ghost1-x"], ["rename", "a", "b"], ["remove", "a"]]) {
    assertError(await gpmd(env, "device", ...args), "GPMD_NOT_RUNNING");
  }
});

Deno.test("before the first invitation there is no link, and the list says how to invite", async () => {
  await using daemon = await startDaemon();
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

Deno.test("two devices are paired by one line, and know each other by the names that their users choose", async () => {
  await withDevices(async (laptop, pi) => {
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
      const [{ name: listed, way }] = await devicesOf(device) as [Listed];
      assertEquals([listed, way === "stream" || way === "lane"], [name, true]);
    }
    // Once used, a code is good for nobody.
    assertError(await pi.type("device", "join", code), "PAIRING_FAILED");
    assertError(await pi.type("device", "join", "ghost1-nonsense"), "PAIRING_FAILED");
    assertError(await gpmdWith(" ghost1-nonsense", pi.daemon.env, "device", "join", "-"), "PAIRING_FAILED");
    assertEquals((await gpmdWith("\n", pi.daemon.env, "device", "join")).code, 2);
    assertError(await pi.type("device", "join", code, "--name=local"), "INVALID_NAME");
  });
});

Deno.test({
  name: "a terminal is asked for the code",
  ignore: await whyNoTerminal() !== undefined,
  async fn() {
    await using daemon = await startDaemon();
    await using terminal = await Terminal.start(["deno", ...GPMD, "device", "join"], { env: daemon.env });
    await terminal.until((screen) => screen.trimEnd() === "Code:");
    await terminal.press("Enter");
    await terminal.until((screen) => screen.includes("needs a CODE"));
  },
});

const jsonOf = async (device: { lines(...args: string[]): Promise<string[]> }, ...args: string[]) =>
  JSON.parse((await device.lines(...args, "--json")).join(""));

Deno.test("a device is renamed with its grants, and removed with them", async () => {
  await withDevices(async (laptop, pi) => {
    await pairDevices(laptop, pi, "commands", "math.*");
    assertEquals(await laptop.lines("device", "rename", "pi", "kitchen"), [
      "pi is called kitchen from now on.",
    ]);
    const granted = async () => (await laptop.lines("grants", "kitchen", "--json")).join("");
    assertMatch(await granted(), /"kitchen".*"commands"/);
    assertEquals((await devicesOf(laptop)).map(({ name }) => name), ["kitchen"]);
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
    assertEquals(await devicesOf(laptop), []);
    assertEquals(JSON.parse(await granted()), []);
    await eventually("its end at the other side", async () => (await devicesOf(pi))[0]?.reachable === false);
    // The other one is told, and says so.
    const listed = await pi.type("device", "list");
    assertMatch(listed.stdout, /^laptop +no more /m);
    assertEquals(
      listed.stderr,
      "laptop has removed this device; remove it with: gpmd device remove laptop\n",
    );
    assertEquals(await jsonOf(pi, "device", "remove", "laptop"), { device: "laptop", removed: true });
  });
});

Deno.test("the list says how a device is reached, how long that takes, and what it may do here", async () => {
  await withDevices(async (laptop, pi) => {
    await pairDevices(laptop, pi, "commands", "math.*");
    await eventually("a lane", async () => (await devicesOf(laptop))[0]?.way === "lane");
    const [titles, line] = await laptop.lines("device", "list");
    assertMatch(titles!, /^NAME +REACHABLE +WAY +PING +MAY DO HERE +ADDRESSES +FINGERPRINT$/);
    assertMatch(
      line!,
      /^pi +yes +lane +\d+\.\d ms +commands, math\.\* +127\.0\.0\.1:\d+ +12D3\w+$/,
    );
  });
});

Deno.test("a device carries others once it is told to, at once and at every start, until it is told not to", async () => {
  await withDevices(async (laptop, pi) => {
    await pairDevices(laptop, pi);
    const isRelay = async () => (await devicesOf(pi))[0]?.relay === true;
    assertEquals(await laptop.lines("device", "relay"), ["This device carries no connections of others."]);
    assertEquals(await isRelay(), false);
    assertEquals(await laptop.lines("device", "relay", "on"), ["This device carries connections of others."]);
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
    await laptop.lines("device", "invite", ...laptop.link);
    assertEquals(linksOf(home), [now]);
    assertEquals(await laptop.lines("device", "relay", "off", "--json"), ["{", '  "relay": false', "}"]);
    await eventually("the news", async () => !await isRelay());
    for (const words of [["up"], ["on", "off"]]) {
      assertEquals((await laptop.type("device", "relay", ...words)).code, 2);
    }
  });
});

Deno.test("commands for another device do what it grants, and say what it does not", async () => {
  await withDevices(async (laptop, pi) => {
    await pairDevices(laptop, pi, "commands");
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
});

Deno.test("a device that may manage stops the other's GPMD, and hears that it has", async () => {
  await withDevices(async (laptop, pi) => {
    await pairDevices(laptop, pi, "manage");
    assertEquals(await pi.lines("kill", "--device=laptop"), ["GPMD of laptop has been stopped."]);
    await laptop.daemon.process.status;
    await eventually("the end of its link", () => linksOf(laptop.daemon.settings.home).length === 0);
    await eventually("the news", async () => (await devicesOf(pi))[0]?.reachable === false);
    assertError(await pi.type("status", "--device=laptop"), "DEVICE_UNREACHABLE");
  });
});

Deno.test("gpmd start starts the link again where a device is paired, with what was chosen for it", async () => {
  await withDevices(async (laptop, pi) => {
    await pairDevices(laptop, pi);
    const { home } = laptop.daemon.settings;
    const before = (await devicesOf(pi)) as unknown as { addresses: string[] }[];
    await laptop.lines("kill");
    await eventually("its end", () => linksOf(home).length === 0);
    try {
      assertEquals(await laptop.lines("start"), ["GPMD is running in the background."]);
      assertEquals(linksOf(home).length, 1);
      // Both ends remember where the other is: nobody types anything.
      await eventually("the connection", async () => (await devicesOf(pi))[0]?.reachable === true);
      assertEquals((await devicesOf(pi) as unknown as typeof before)[0]!.addresses, before[0]!.addresses);
      // A second start finds it running.
      assertMatch((await laptop.lines("start")).join(), /already running/);
      assertEquals(linksOf(home).length, 1);
      const settings = JSON.parse(await Deno.readTextFile(`${home}/link.json`));
      assertEquals([settings.format, settings.networks], [1, ["127.0.0.1"]]);
    } finally {
      await laptop.lines("kill");
    }
  });
});

Deno.test("gpmd start -nd starts the link too, and both end with it", async () => {
  await withDevices(async (laptop, pi) => {
    await pairDevices(laptop, pi);
    const { home } = laptop.daemon.settings;
    await laptop.lines("kill");
    await eventually("its end", () => linksOf(home).length === 0);
    const serving = laptop.type("start", "-nd");
    await eventually("the link", () => linksOf(home).length === 1);
    await eventually("the connection", async () => (await devicesOf(pi))[0]?.reachable === true);
    await laptop.lines("kill");
    assertEquals((await serving).code, 0);
    await eventually("its end", () => linksOf(home).length === 0);
  });
});

Deno.test("what is chosen for the link is checked, and the daemon's own file cannot be made to widen it", async () => {
  await using daemon = await startDaemon();
  const { home } = daemon.settings;
  for (const list of ["10.0.0.0/8,--allow-all", "0.0.0.0/33", "example.com", "10.0.0.1:22"]) {
    assertError(await gpmd(daemon.env, "device", "invite", `--link-networks=${list}`), "BAD_ARGUMENTS");
  }
  for (const option of ["--link-port=65535", "--link-port=-1", "--link-port=x", "--for=0s", "--for=soon"]) {
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
});

Deno.test("a link that nobody needs any more ends with its keeper: nothing is paired, and no invitation is open", async () => {
  await withDevices(async (laptop, pi) => {
    const isGone = async ({ daemon: { settings } }: TestDevice) => {
      await eventually("the link's end", () => linksOf(settings.home).length === 0);
      await noneLeft(settings.home);
    };
    const [code] = await laptop.lines("device", "invite", "--for=1s", ...laptop.link);
    await isGone(laptop);
    // Whoever comes too late finds nobody, and keeps no link for it either.
    assertError(await pi.type("device", "join", code!, ...pi.link), "DEVICE_UNREACHABLE");
    await isGone(pi);
    await pairDevices(laptop, pi);
    await Promise.all([laptop.lines("device", "remove", "pi"), isGone(laptop)]);
    // The other side is still paired by its own words, until its user says otherwise.
    assertEquals(linksOf(pi.daemon.settings.home).length, 1);
    assertEquals(await laptop.type("device", "list"), {
      code: 0,
      stdout: "",
      stderr: "No device is paired with this one; invite one with: gpmd device invite\n",
    });
  });
});

Deno.test("the port that a code names may be dialled from then on", async () => {
  await withDevices(async (laptop, pi) => {
    await pairDevices(laptop, pi);
    const port = Number(laptop.link[0]!.split("=")[1]);
    const settings = JSON.parse(await Deno.readTextFile(`${pi.daemon.settings.home}/link.json`));
    assertEquals(settings.dialled, [port]);
    const [link] = linksOf(pi.daemon.settings.home);
    await pi.type("device", "join", `ghost1-x-y@127.0.0.1:${port}`);
    assertEquals(linksOf(pi.daemon.settings.home), [link]);
  });
});
