/**
 * Two devices on this machine's loopback: two daemons with homes of their own, and what a user types to pair them. Gone
 * with the test.
 */
import { assertEquals } from "@std/assert";
import { noneLeft } from "../gpmd/link/_processes.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { DeviceDescription } from "../../gmp/messages/device.ts";
import { freePorts, startDaemon, type TestDaemon } from "./daemon_process.ts";
import { gpmd, type Outcome } from "./gpmd_command.ts";

/** A device. */
export interface TestDevice {
  /** Its daemon. */
  readonly daemon: TestDaemon;
  /** The options with which its link is started, on a port of its own and on loopback alone. */
  readonly link: readonly string[];
  /** Types `gpmd` with `args`. */
  type(...args: string[]): Promise<Outcome>;
  /** As `type`, and the lines that it prints; it must succeed. */
  lines(...args: string[]): Promise<string[]>;
}

/** Starts a device, alone. */
async function startDevice(): Promise<TestDevice> {
  const daemon = await startDaemon();
  const type = (...args: string[]) => gpmd(daemon.env, ...args);
  return {
    daemon,
    link: [`--link-port=${freePorts().commandPort}`, "--link-networks=127.0.0.1"],
    type,
    lines: async (...args) => {
      const { code, stdout, stderr } = await type(...args);
      assertEquals(code, 0, stderr);
      return stdout.trimEnd().split("\n");
    },
  };
}

/** Runs `test` with two devices that are not paired yet, or with `count`; nothing of them outlives it. */
export async function withDevices(
  test: (laptop: TestDevice, pi: TestDevice, ...more: TestDevice[]) => Promise<void>,
  count = 2,
): Promise<void> {
  const devices: TestDevice[] = [];
  try {
    while (devices.length < count) devices.push(await startDevice());
    const [laptop, pi, ...more] = devices;
    await test(laptop!, pi!, ...more);
  } finally {
    for (const { daemon } of devices) {
      await daemon.process.stdin.close().catch(() => {}); // at which it stops, unless it has already
      await daemon.process.status;
      // Its link may write what it last knew of others until its end: the home goes after that.
      await noneLeft(daemon.settings.home);
      await daemon[Symbol.asyncDispose]();
    }
  }
}

/** Pairs the two: each is called by its name at the other. `grants` are what the laptop gives. */
export async function pairDevices(laptop: TestDevice, pi: TestDevice, ...grants: string[]): Promise<void> {
  const granted = grants.map((what) => `--grant=${what}`);
  const [code] = await laptop.lines("device", "invite", ...laptop.link, ...granted);
  await pi.lines("device", "join", code!, "--name=laptop", "--as=pi", ...pi.link);
}

/** What a device knows of those that it is paired with, as `gpmd device list` has it but without a process: for waits. */
export async function devicesOf({ daemon }: TestDevice): Promise<DeviceDescription[]> {
  await using gpmd = await daemon.connect();
  try {
    return await gpmd.devices();
  } catch (error) {
    if (error instanceof GhostError && error.code === "LINK_NOT_RUNNING") return [];
    throw error;
  }
}
