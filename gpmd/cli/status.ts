import { format as formatBytes } from "@std/fmt/bytes";
import { format as formatDuration } from "@std/fmt/duration";
import type { Settings } from "../../gmp/device/settings.ts";
import type { PortCounts } from "../../gmp/messages/gpmd.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { connect } from "./connect.ts";
import { printFields } from "../../gmp/command/table.ts";
import { printResult } from "./json.ts";
import { DEVICE, JSON_OUTPUT } from "./options.ts";

/** `gpmd status`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  await using gpmd = await connect(settings, { device: invocation.get(DEVICE) });
  const status = await gpmd.status();
  if (invocation.has(JSON_OUTPUT)) {
    printResult(status);
    return 0;
  }
  const { pid, uptime, version, ports, store, nodes, modules, versions, memory, connections } = status;
  const seconds = Math.floor(uptime / 1000) * 1000;
  printFields([
    ["Pid", String(pid)],
    ["Uptime", seconds === 0 ? "0s" : formatDuration(seconds, { ignoreZero: true })],
    ["Version", version],
    ["Ports", `${ports.command} (commands), ${ports.gmp} (nodes)`],
    ["Store", store],
    ["Nodes", String(nodes)],
    ["Modules", versions === modules ? String(modules) : `${modules} (${versions} versions)`],
    ["Memory", formatBytes(memory.rss)],
    ["Commands", formatCounts(connections.command)],
    ["Connections", formatCounts(connections.gmp)],
    ["Handshakes", `${connections.waiting} under way, ${connections.evicted} closed to make room`],
  ]);
  return 0;
}

function formatCounts({ open, accepted, refused }: PortCounts): string {
  return `${open} open, ${accepted} accepted, ${refused} refused`;
}
