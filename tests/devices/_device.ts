/** A device in a network of its own, with a real GPMD, its link and nodes as a user starts them; gone with the test. */
import { assertEquals } from "@std/assert";
import { linksOf } from "../gpmd/link/_processes.ts";
import { TextLineStream } from "../gpmd/link/engine/_lines.ts";
import { isRunning, signalProcess } from "../gvm/harness.ts";
import { commandLine, eventually, ROOT } from "../tools/commands.ts";
import { bundleFlags } from "../tools/entries.ts";
import { GPMD, type Outcome } from "../tools/gpmd_command.ts";
import type { Lan, LanDevice } from "../tools/lan.ts";

/** The network in which links dial and listen. */
const NETWORK = "10.77.0.0/16";

/** See the head of this file. */
export class NetworkDevice implements AsyncDisposable {
  readonly #directory: string;
  readonly #nodes: Deno.ChildProcess[] = [];
  /** What its nodes say after their first line, which is read lest they wait. */
  readonly #complaints: Promise<string[]>[] = [];

  private constructor(
    /** Its place in the network. */
    readonly place: LanDevice,
    directory: string,
  ) {
    this.#directory = directory;
  }

  /** Starts GPMD at `address`, such as `10.77.0.1/16`, on the usual ports: nobody else has them there. */
  static async start(lan: Lan, name: string, address: string): Promise<NetworkDevice> {
    return await NetworkDevice.at(await lan.device(name, address));
  }

  /** Starts GPMD at `place`. */
  static async at(place: LanDevice): Promise<NetworkDevice> {
    const device = new NetworkDevice(place, await Deno.makeTempDir({ prefix: "ghost-" }));
    await device.startGpmd();
    return device;
  }

  /** Its store. */
  get home(): string {
    return `${this.#directory}/home`;
  }

  /** The process of its link. */
  get link(): number {
    return linksOf(this.home)[0]!;
  }

  /** The process of its GPMD. */
  get gpmd(): number {
    return Number(Deno.readTextFileSync(`${this.home}/gpmd.pid`));
  }

  /** The processes of its nodes. */
  get nodes(): number[] {
    return this.#nodes.map(({ pid }) => pid);
  }

  /** All its processes. */
  pids(): number[] {
    const { stdout } = new Deno.Command("ip", { args: ["netns", "pids", this.place.namespace] }).outputSync();
    return new TextDecoder().decode(stdout).split("\n").filter(Boolean).map(Number).filter(isRunning);
  }

  /** `gpmd start`, and with it the link where a device is paired. */
  async startGpmd(): Promise<void> {
    await this.lines("start", "--link-port=5990", `--link-networks=${NETWORK}`);
  }

  /** Types `gpmd` with `args`. */
  async type(...args: string[]): Promise<Outcome> {
    const { code, stdout, stderr } = await this.command(["deno", ...GPMD, ...args]).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /** As `type`, and the lines that it prints; it must succeed. */
  async lines(...args: string[]): Promise<string[]> {
    const { code, stdout, stderr } = await this.type(...args);
    assertEquals(code, 0, `gpmd ${args.join(" ")}: ${stderr}`);
    return stdout.trimEnd().split("\n");
  }

  /** Starts a `gvm` at whose prompt nobody types, until the device ends. Resolves when it says that it is there. */
  async node(name: string): Promise<void> {
    const streams = { stdin: "piped", stdout: "null" } as const;
    const child = this.command(commandLine("gvm", ["--keep-going", "--name", name]), streams).spawn();
    this.#nodes.push(child);
    const complaints = child.stderr.pipeThrough(new TextLineStream()).values();
    const { value } = await complaints.next();
    this.#complaints.push(Array.fromAsync(complaints));
    if (!value?.startsWith(`GVM has been created ${name} `)) throw new Error(`gvm did not start: ${value}`);
  }

  /** Starts a program of the tests with the permissions of `gvm`. */
  program(path: string, ...args: string[]): Deno.ChildProcess {
    const file = `${ROOT}tests/devices/${path}`;
    const flags = [
      "--quiet",
      "--no-prompt",
      "--no-check",
      `--config=${ROOT}deno.json`,
      "-P=gvm",
      ...bundleFlags(),
    ];
    return this.command(["deno", "run", ...flags, file, ...args], { stdin: "piped" }).spawn();
  }

  /** Any command on this device. */
  command(
    [program, ...args]: readonly [string, ...string[]],
    streams: Deno.CommandOptions = {},
  ): Deno.Command {
    return new Deno.Command("ip", {
      args: ["netns", "exec", this.place.namespace, program, ...args],
      env: { GHOST_HOME: this.home, NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...streams,
    });
  }

  /** Stops all its processes, as a device that sleeps; the function returned wakes it. */
  sleep(): () => void {
    const pids = this.pids();
    const stopped = pids.filter((pid) => signalProcess(pid, "SIGSTOP"));
    // A process that is awake already may kill one that it took for dead, such as the link or an executor.
    return () => stopped.forEach((pid) => signalProcess(pid, "SIGCONT"));
  }

  /** Resolves when it has a connection to the device called `name`. */
  async reaches(name: string): Promise<void> {
    const isThere = ({ name: listed, reachable }: { name: string; reachable: boolean }) =>
      listed === name && reachable;
    await eventually(`a connection to ${name}`, async () => {
      return JSON.parse((await this.lines("device", "list", "--json")).join("")).some(isThere);
    });
  }

  /** Sockets of its processes but the link's that are not of loopback, as `ss` prints them. */
  async socketsBeyondLoopback(): Promise<string[]> {
    const before = linksOf(this.home);
    const { stdout } = await this.command(["ss", "-Htunap"]).output();
    const links = [...before, ...linksOf(this.home)]; // one may be killed, and another started, meanwhile
    return new TextDecoder().decode(stdout).split("\n").filter((line) => {
      const local = line.trim().split(/\s+/)[4];
      const owners = [...line.matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid));
      // Sockets without an owner have been closed, and wait for the other side.
      return local !== undefined && owners.length > 0 && !owners.every((pid) => links.includes(pid)) &&
        !local.startsWith("127.") && !local.startsWith("[::1]") && !local.startsWith("[::ffff:127.");
    });
  }

  /** Ends all its processes, and removes its store. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (let left = this.pids(); left.length > 0; left = this.pids()) {
      for (const pid of left) signalProcess(pid, "SIGKILL");
      await eventually("their end", () => !left.some(isRunning));
    }
    for (const node of this.#nodes) await Promise.all([node.stdin.close().catch(() => {}), node.status]);
    await Promise.all(this.#complaints);
    await Deno.remove(this.#directory, { recursive: true });
  }
}

/** Pairs the two: each is called by its name at the other. `grants` are what the laptop gives. */
export async function pair(laptop: NetworkDevice, pi: NetworkDevice, ...grants: string[]): Promise<void> {
  const [code] = await laptop.lines("device", "invite", ...grants.map((what) => `--grant=${what}`));
  await pi.lines("device", "join", code!, "--name=laptop", "--as=pi");
}

/** Has `device` keep examples, and `waits` of the fixtures, as v1.0.0. */
export async function upload(device: NetworkDevice, ...names: string[]): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    const files = names.map((name) => `${directory}/${name}-v1.0.0.wasm`); // so named, one command takes them all
    for (const [i, name] of names.entries()) {
      const path = name === "waits" ? "tests/gvm/fixtures" : `examples/${name}`;
      await Deno.copyFile(`${ROOT}${path}/${name}.wasm`, files[i]!);
    }
    await device.lines("wasm", "upload", ...files);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
