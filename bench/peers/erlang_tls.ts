/** Erlang's distribution over TLS, between two networks. */
import { join } from "@std/path";
import { AgentProcess } from "../agent_process.ts";
import type { Arena } from "../arena.ts";
import { type Cable, makeCable, type Namespace } from "../network.ts";
import { compileAgent, type ErlangPair } from "./erlang.ts";
import { installed } from "./programs.ts";

/** What brings it. */
export const ERLANG_TLS = "apt-get install erlang-base erlang-ssl openssl";

/**
 * Two nodes of Erlang in networks of their own, connected over TLS 1.3 with both showing certificates; `undefined` where
 * something for that is not installed.
 */
export function startErlangOverTls(arena: Arena): Promise<ErlangPair | undefined> {
  return arena.once("erlang over tls", async () => {
    if (!await installed("erlc", "erl", "epmd", "openssl") || !await hasTls()) return undefined;
    await compileAgent(arena);
    const cable = await makeCable(arena);
    await writeCertificates(arena, cable);
    const server = await startNode(arena, cable.there, "called");
    const client = await startNode(arena, cable.here, "caller");
    const called = `called@${cable.there.address}`;
    await client.ask("connect", called);
    return { client, called, ends: { caller: client.pids, called: server.pids } };
  });
}

async function hasTls(): Promise<boolean> {
  const check = "halt(case application:load(ssl) of ok -> 0; _ -> 1 end).";
  const args = ["-noshell", "-eval", check];
  return (await new Deno.Command("erl", { args, stdout: "null", stderr: "null" }).output()).success;
}

/** A node, with an epmd of its network that it starts itself. */
async function startNode(arena: Arena, namespace: Namespace, name: string): Promise<AgentProcess> {
  const { directory } = arena;
  const { address } = namespace;
  const flags = ["-noshell", "-setcookie", "bench", "-pa", directory];
  const tls = ["-proto_dist", "inet_tls", "-ssl_dist_optfile", join(directory, `${address}.conf`)];
  const args = [...flags, ...tls, "-name", `${name}@${address}`, "-s", "bench_agent", "serve"];
  const agent = arena.use(AgentProcess.start("erl", args, { ERL_CRASH_DUMP_BYTES: "0" }, namespace));
  await agent.ask("ready");
  return agent;
}

/** An authority and, for each node, a certificate of it and the file with which Erlang uses that. */
async function writeCertificates({ directory }: Arena, { here, there }: Cable): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
  const files = (
    name: string,
  ) => ["-keyout", join(directory, `${name}.key`), "-out", join(directory, `${name}.pem`)];
  const authority = join(directory, "authority");
  const signer = ["-CA", `${authority}.pem`, "-CAkey", `${authority}.key`];
  await openssl("req", "-x509", ...key, "-subj", "/CN=authority", ...files("authority"));
  for (const { address } of [here, there]) {
    const names = ["-subj", `/CN=${address}`, "-addext", `subjectAltName=IP:${address},DNS:${address}`];
    await openssl("req", "-x509", ...key, ...names, ...signer, ...files(address));
    const own = join(directory, address);
    const both = `{certfile,"${own}.pem"},{keyfile,"${own}.key"},{cacertfile,"${authority}.pem"},` +
      "{verify,verify_peer},{versions,['tlsv1.3']}";
    const text = `[{server,[${both},{fail_if_no_peer_cert,true}]},{client,[${both}]}].\n`;
    await Deno.writeTextFile(`${own}.conf`, text);
  }
}

async function openssl(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args }).output();
  if (!success) throw new Error(`openssl ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
