import { isTerminal, note, print } from "../../gmp/command/console.ts";
import { printable } from "../../gmp/command/printable.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { sourceEntry } from "../../gmp/device/process_entry.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { connect } from "./connect.ts";
import { ensureLink } from "./link.ts";
import { FOR, GRANT } from "./options.ts";

/** Milliseconds that a code is good by default. */
const LIFETIME = 600_000;

/** `gpmd device invite`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  await using gpmd = await connect(settings, { reads: true });
  await ensureLink(gpmd, settings, invocation);
  const given = invocation.all(GRANT);
  const lifetime = invocation.get(FOR) ?? LIFETIME;
  const { code, expiresAt } = await gpmd.invite({ lifetime, grants: given.length === 0 ? undefined : given });
  print(printable(code)); // it is the link's word
  if (isTerminal("stdout")) {
    const drawn = await draw(code);
    if (drawn !== undefined) print(`\n${drawn}`);
    note(`Until ${expiresAt}, once, on the other device: gpmd device join`);
  }
  return 0;
}

/** The code as a picture for a camera; nothing where what draws it cannot be fetched. */
async function draw(code: string): Promise<string | undefined> {
  // A path that Deno cannot see beforehand: it would fetch the package for every command.
  const path = sourceEntry("gpmd/cli/qr_code.ts", import.meta.resolve("./qr_code.ts"));
  try {
    const { qrCode }: { qrCode(text: string): string } = await import(path);
    return qrCode(code);
  } catch {
    return undefined; // the line is enough
  }
}
