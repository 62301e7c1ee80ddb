import type { Settings } from "../../gmp/device/settings.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { connect } from "./connect.ts";
import { NamedModule } from "./named_module.ts";
import { columns, note, print } from "../../gmp/command/console.ts";
import { printable } from "../../gmp/command/printable.ts";
import { hanging } from "../../gmp/command/wrap.ts";
import { printFields } from "../../gmp/command/table.ts";
import { formatSize } from "./format_size.ts";
import { printResult } from "./json.ts";
import { DEVICE, JSON_OUTPUT } from "./options.ts";

/** `gpmd wasm info`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const named = new NamedModule(invocation.operands[0]!);
  await using gpmd = await connect(settings, { device: invocation.get(DEVICE) });
  const { module, versions: [version] } = await named.versions(gpmd);
  const info = await gpmd.info(module, version);
  if (invocation.has(JSON_OUTPUT)) {
    printResult(info);
    return 0;
  }
  printFields([
    ["Name", info.name],
    ["Version", info.version],
    ["Hash", info.hash],
    ["Size", formatSize(info.size)],
    ["Uploaded", info.uploadedAt],
    ...(info.wit === undefined ? [["Memory", info.memories.join("; ") || "none"] as const] : []),
  ]);
  if (info.wit !== undefined) {
    print("");
    for (const line of info.wit.split("\n")) print(printable(line));
    return 0;
  }
  printItems("Exports", info.exports.map(({ text }) => text));
  printItems("Imports", info.imports.map(({ text }) => text));
  if (info.omitted > 0) note(`${info.omitted} more are not shown.`);
  return 0;
}

function printItems(title: string, items: readonly string[]): void {
  print(`${title}${items.length === 0 ? "  none" : ""}`);
  const width = columns();
  for (const item of items) {
    print(hanging(printable(item), width && width - 2).replace(/^/gm, "  "));
  }
}
