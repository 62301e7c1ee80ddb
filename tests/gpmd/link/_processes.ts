/** The link's processes of a store, as the kernel knows them. */
import type { Settings } from "../../../gmp/device/settings.ts";
import { launchLink } from "../../../gpmd/start/launch_link.ts";
import { childrenOf, isRunning } from "../../gvm/harness.ts";
import { eventually } from "../../tools/commands.ts";
import { linkBundle } from "../../tools/entries.ts";
import { ended } from "../../tools/ended_processes.ts";

/** Starts the link of the daemon at `settings` as `gpmd` does, on any port, in `networks`. Fails as `launchLink`. */
export function startLink(settings: Settings, ...networks: string[]): Promise<void> {
  const bundle = linkBundle();
  const link = { port: 0, networks: networks.length === 0 ? ["127.0.0.1"] : networks };
  return launchLink(settings, { link, ...bundle === undefined ? {} : { bundle } });
}

/** The words of the command line of `pid`; none when it has gone. */
function wordsOf(pid: number | string): string[] {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0");
  } catch {
    return [];
  }
}

/** The links of the store at `home` that are running. */
export function linksOf(home: string): number[] {
  return Array.from(Deno.readDirSync("/proc"), ({ name }) => Number(name)).filter((pid) =>
    Number.isInteger(pid) && wordsOf(pid).includes(`--allow-write=${home}/link`) && isRunning(pid)
  );
}

/** The keeper of the link `pid`. */
export function keeperOf(pid: number): number {
  const keepers = Array.from(Deno.readDirSync("/proc"), ({ name }) => Number(name)).filter((one) =>
    wordsOf(one).some((word) => word.endsWith("/gpmd/link/keeper.ts"))
  );
  const keeper = keepers.find((one) => childrenOf(one).includes(pid));
  if (keeper === undefined) throw new Error(`link ${pid} has no keeper`);
  return keeper;
}

/** The one link of the store at `home`, which is not `older`. */
export async function nextLink(home: string, older?: number): Promise<number> {
  await eventually("another link", () => linksOf(home).some((pid) => pid !== older));
  return linksOf(home).find((pid) => pid !== older)!;
}

/** Resolves when all of `pids` are gone; the milliseconds that it took. */
export async function gone(...pids: number[]): Promise<number> {
  const start = performance.now();
  await eventually(`the end of ${pids}`, () => !pids.some(isRunning));
  return performance.now() - start;
}

/** Resolves when no link of `home` is left. */
export function noLinks(home: string): Promise<void> {
  return untilNone(() => linksOf(home));
}

/** Resolves when no link of `home` is left, nor any keeper that this process has started. */
export async function noneLeft(home: string): Promise<void> {
  const isKeeper = (pid: number) => wordsOf(pid).some((word) => word.endsWith("/gpmd/link/keeper.ts"));
  await untilNone(() => [...linksOf(home), ...childrenOf(Deno.pid).filter(isKeeper)]);
  await ended();
}

/** Resolves when `list` is empty. To list processes takes milliseconds, to ask whether these still run takes none. */
async function untilNone(list: () => number[]): Promise<void> {
  for (let pids = list(); pids.length > 0; pids = list()) await gone(...pids);
}

/** Addresses beyond loopback on which `pid` listens, of IPv4 and IPv6, TCP and UDP (proc(5), `/proc/net/tcp`). */
export function listensBeyondLoopback(pid: number): string[] {
  const sockets = new Set(
    Array.from(Deno.readDirSync(`/proc/${pid}/fd`), ({ name }) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(Deno.readLinkSync(`/proc/${pid}/fd/${name}`))?.[1];
      } catch {
        return undefined; // closed meanwhile
      }
    }),
  );
  return ["tcp", "tcp6", "udp", "udp6"].flatMap((table) =>
    Deno.readTextFileSync(`/proc/${pid}/net/${table}`).split("\n").slice(1).filter((line) => {
      const fields = line.trim().split(/\s+/);
      // 0A: it listens; what is connected has another state.
      const isOpen = table.startsWith("udp") || fields[3] === "0A";
      return isOpen && fields[9] !== undefined && sockets.has(fields[9]) &&
        !fields[1]!.startsWith("0100007F:");
    })
  );
}
