import type { Settings } from "../../gmp/device/settings.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { connect } from "./connect.ts";
import { NamedModule } from "./named_module.ts";
import { print } from "../../gmp/command/console.ts";
import { DEVICE } from "./options.ts";

/** `gpmd wasm types`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const named = new NamedModule(invocation.operands[0]!);
  await using gpmd = await connect(settings, { device: invocation.get(DEVICE) });
  const { module, versions: [version] } = await named.versions(gpmd);
  print((await gpmd.declarations(module, version)).trimEnd());
  return 0;
}
