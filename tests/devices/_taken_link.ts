/**
 * A link in an attacker's hands: it has the link's permissions, its keys and what it knows, and tries what it may not do. It
 * reads a line of JSON, `TakenLink`, and prints what came of each attempt: the name of the error, or "done".
 */
import { Channel } from "../../gmp/channel/channel.ts";
import { request } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { LINK_KEY_NAME, SECRET_KEY_NAME } from "../../gmp/handshake/keys.ts";
import type { OperationName } from "../../gmp/messages/operations.ts";
import { reachGpmd } from "../../gmp/ports/reach_gpmd.ts";

/** What the attacker knows. */
export interface TakenLink {
  /** The store. */
  readonly home: string;
  readonly gmpPort: number;
  readonly commandPort: number;
  /** The link's key, in hexadecimal. */
  readonly key: string;
}

async function outcome(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
    return "done";
  } catch (error) {
    return error instanceof GhostError ? error.code : (error as Error).name;
  }
}

async function attack({ home, gmpPort, commandPort, key: hex }: TakenLink): Promise<Record<string, string>> {
  const key = Uint8Array.fromHex(hex);
  const outcomes: Record<string, string> = {};
  const tried = async (name: string, attempt: () => unknown) => outcomes[name] = await outcome(attempt);

  await tried("read the device's key", () => Deno.readFile(`${home}/link/key`));
  await tried("read the secret", () => Deno.readFile(`${home}/secret`));
  await tried("read the modules", () => Array.from(Deno.readDirSync(`${home}/modules`)));
  await tried("write grants", () => Deno.writeTextFile(`${home}/grants.json`, "{}"));
  await tried("widen its own permissions", () => Deno.writeTextFile(`${home}/link.json`, "{}"));
  await tried("link to the secret", () => Deno.symlink(`${home}/secret`, `${home}/link/secret`));
  await tried("start a program", () => new Deno.Command(Deno.execPath()).output());
  await tried("read the environment", () => Deno.env.get("HOME") ?? Promise.reject(new Error("none")));
  await tried("dial beyond its networks", () => Deno.connect({ hostname: "192.0.2.1", port: 22 }));

  for (const keyName of [SECRET_KEY_NAME, LINK_KEY_NAME]) {
    const commands = { audience: "gpmd/commands", port: commandPort, keyName } as const;
    await tried(`give commands by the key ${keyName}`, () => reachGpmd(commands, key));
  }
  const asNode = { audience: "gpmd/nodes", port: gmpPort, keyName: SECRET_KEY_NAME } as const;
  await tried("be a node", () => reachGpmd(asNode, key));

  const connect = async () => new Channel(await reachGpmd({ ...asNode, keyName: LINK_KEY_NAME }, key), {});
  const link = await connect();
  await request(link, "device.serve", {});
  const asked: OperationName[] = [
    "module.put",
    "module.get",
    "gpmd.kill",
    "gpmd.status",
    "grants.add",
    "grants.list",
  ];
  for (const name of [...asked, "node.register", "place.open", "device.settings"] as const) {
    await tried(`as link: ${name}`, () => link.request(name, {}));
  }
  await tried(
    "pair whom nobody has invited",
    () => request(link, "device.paired", { device: "evil", code: "code" }),
  );
  for (const device of ["pi", "stranger", "local", "everyone"]) {
    const entered = await connect();
    await tried(`enter as ${device}`, () => request(entered, "device.enter", { device }));
    for (const name of ["gpmd.kill", "gpmd.status", "module.list"] as const) {
      await tried(`as ${device}: ${name}`, () => request(entered, name, {}));
    }
    await entered.close();
  }
  await link.close();
  return outcomes;
}

if (import.meta.main) {
  console.log(JSON.stringify(await attack(JSON.parse(await new Response(Deno.stdin.readable).text()))));
  Deno.exit(0);
}
