/** A bad line between two devices: with netem where the kernel has it, else by a program between two TUN devices. */
import { fromFileUrl } from "@std/path";
import { ip, type LanDevice } from "../tools/lan.ts";

/** How bad a line is. */
export interface Badness {
  /** Milliseconds that every packet takes. */
  readonly delay: number;
  /** The part of them that is lost. */
  readonly loss: number;
}

/** A device and its address, as `10.77.0.1/16`. */
type End = readonly [device: LanDevice, address: string];

/** Makes the line between the two bad; says how, and the function returned ends it. */
export async function spoilLine(
  ends: readonly [End, End],
  { delay, loss }: Badness,
): Promise<{ readonly how: "netem" | "tun" } & AsyncDisposable> {
  const netem = ["root", "netem", "delay", `${delay}ms`, "loss", `${loss * 100}%`];
  const spoiled = await Promise.all(ends.map(async ([{ namespace }]) => {
    const args = ["netns", "exec", namespace, "tc", "qdisc", "add", "dev", "eth0", ...netem];
    return (await new Deno.Command("ip", { args, stderr: "null" }).output()).success;
  }));
  if (spoiled.every(Boolean)) return { how: "netem", async [Symbol.asyncDispose]() {} };
  const directory = await Deno.makeTempDir();
  const program = fromFileUrl(new URL("./_lossy_cable.py", import.meta.url));
  const sockets = [`${directory}/a`, `${directory}/b`];
  const pumps = await Promise.all(ends.map(async ([device, address], i) => {
    const { namespace } = device;
    const way = [sockets[i]!, sockets[1 - i]!, `${delay}`, `${loss}`];
    const args = ["netns", "exec", namespace, "python3", program, ...way];
    const pump = new Deno.Command("ip", { args, stdin: "piped", stdout: "piped" }).spawn();
    const reader = pump.stdout.getReader();
    await reader.read(); // its TUN device is there
    await device.move();
    await ip("-n", namespace, "addr", "add", address, "dev", "tun0");
    await ip("-n", namespace, "link", "set", "tun0", "up");
    return { pump, reader };
  }));
  return {
    how: "tun",
    async [Symbol.asyncDispose]() {
      for (const { pump, reader } of pumps) {
        await pump.stdin.close().catch(() => {});
        await pump.status;
        await reader.cancel();
      }
      await Deno.remove(directory, { recursive: true });
    },
  };
}
