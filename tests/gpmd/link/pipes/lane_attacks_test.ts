// What strangers may try at a lane's port, while a paired device goes on.
import { connect, type ConnectionOptions } from "node:tls";
import { assert, assertEquals } from "@std/assert";
import { pause } from "../../../../gmp/async/pause.ts";
import { makeCertificate, type OwnCertificate } from "../../../../gpmd/link/pipes/lane_certificate.ts";
import { Pipes } from "../../../../gpmd/link/pipes/pipes.ts";
import { startOf } from "../../../../gpmd/link/pipes/start_of.ts";
import { closingOf, LanePair } from "./_lane.ts";
import { showCertificate } from "./_tls_client.ts";
import { EchoServer, isOver, writeAll } from "./_sockets.ts";

const forever = new AbortController().signal;

/** Waits until `condition` holds. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!await condition()) await pause(10, forever);
}

async function descriptors(): Promise<number> {
  return (await Array.fromAsync(Deno.readDir("/proc/self/fd"))).length;
}

/** A paired device with a pipe that works. */
interface Paired {
  /** Sends 64 bytes to the echo and gets them back. */
  ask(): Promise<void>;
  /** What pi serves. */
  readonly pipes: Pipes;
  /** Ends the pipe. */
  end(): Promise<void>;
}

/** Laptop's pipe through the lane of `pair` to an echo, and the pipes that pi serves. */
async function echoing(
  pair: LanePair,
  echo: EchoServer,
): Promise<Paired> {
  const pipes = new Pipes({ token: 200 });
  pair.serve = (device, end) => pipes.serve(device, end);
  const end = await pair.dial();
  end.send(pipes.offer("laptop", echo.port));
  const ask = async () => {
    const message = crypto.getRandomValues(new Uint8Array(64));
    end.send(message.slice());
    assertEquals((await startOf(end, 64, 10_000)).start.toHex(), message.toHex());
  };
  await ask();
  const over = async () => {
    const closing = closingOf(end);
    pipes.close();
    end.abort();
    await closing;
  };
  return { ask, pipes, end: over };
}

/** Resolves to what `options` get from the server: bytes, or nothing when they get in nowhere. */
function tls(port: number, options: ConnectionOptions): Promise<Uint8Array> {
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options });
  let got: Uint8Array = new Uint8Array(0);
  socket.on("data", (bytes) => got = new Uint8Array(bytes as Uint8Array));
  socket.on("end", () => socket.destroy());
  socket.on("error", () => {});
  socket.on("close", () => resolve(got));
  return promise;
}

/** A certificate of the form of lanes that has the name of `victim` and a key of its own. */
async function forged(victim: OwnCertificate): Promise<OwnCertificate> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const certificate = victim.certificate.slice();
  const keyInfo = Uint8Array.fromHex("302a300506032b6570032100");
  const at = certificate.findIndex((_, i) => keyInfo.every((byte, j) => certificate[i + j] === byte));
  certificate.set(publicKey, at + keyInfo.length);
  // Four bytes of header before what is signed, 74 with the signature after it.
  const signed = certificate.slice(4, -74);
  certificate.set(
    new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, signed)),
    certificate.length - 64,
  );
  const pem = (label: string, der: Uint8Array) =>
    `-----BEGIN ${label}-----\n${der.toBase64()}\n-----END ${label}-----\n`;
  const key = pem("PRIVATE KEY", new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)));
  return { name: victim.name, certificate, pem: pem("CERTIFICATE", certificate), key, prove: victim.prove };
}

Deno.test("bytes that are not TLS are refused at once", async () => {
  await using echo = await EchoServer.open();
  await using lane = await LanePair.open();
  const paired = await echoing(lane, echo);
  const starts = [
    "GET / HTTP/1.1\r\n\r\n",
    "\0".repeat(1000),
    "\x16\x03\x01\xff\xff",
    "\x16\x03\x01\x40\0".padEnd(16389, "\x01\xff"),
  ];
  for (const start of starts) {
    using stranger = await Deno.connect({ hostname: "127.0.0.1", port: lane.port });
    await writeAll(stranger, Uint8Array.from(start, (letter) => letter.charCodeAt(0)));
    await stranger.closeWrite();
    while (!await isOver(stranger)); // TLS says why in an alert
  }
  await until(() => lane.server.waiting === 0);
  await paired.ask();
  await paired.end();
});

Deno.test("nobody gets in without a certificate, with one of their own, with a forged one, or with older TLS", async () => {
  await using echo = await EchoServer.open();
  await using lane = await LanePair.open();
  const paired = await echoing(lane, echo);
  const { laptop, port } = lane;
  const [own, false_] = [await makeCertificate(), await forged(laptop)];
  const nothing = new Uint8Array(0);
  assertEquals(await tls(port, {}), nothing);
  assertEquals(await tls(port, { cert: own.pem, key: own.key }), nothing);
  assertEquals(await tls(port, { cert: false_.pem, key: false_.key }), nothing);
  assertEquals(await tls(port, { cert: laptop.pem, key: laptop.key, maxVersion: "TLSv1.2" }), nothing);
  // The same with the true key gets in: it was for nothing else that the others were refused.
  lane.serve = (_, end) => end.end();
  assertEquals(await tls(port, { cert: laptop.pem, key: laptop.key }), Uint8Array.of(1));
  await paired.ask();
  await paired.end();
});

Deno.test("a certificate that was seen on its way is worth nothing without its key", async () => {
  await using echo = await EchoServer.open();
  await using lane = await LanePair.open();
  const paired = await echoing(lane, echo);
  const keyOf = ({ key }: OwnCertificate) => {
    const der = Uint8Array.fromBase64(key.replaceAll(/-----.*-----|\n/g, ""));
    return crypto.subtle.importKey("pkcs8", der, "Ed25519", false, ["sign"]);
  };
  const { certificate } = lane.laptop;
  // 51 is decrypt_error: the signature is not of that certificate's key (RFC 8446, 4.4.3).
  const thief = await showCertificate(lane.port, certificate, await keyOf(await makeCertificate()));
  assertEquals(thief, { alert: 51 });
  assertEquals(lane.served.length, 1);
  const owner = await showCertificate(lane.port, certificate, await keyOf(lane.laptop));
  assertEquals(owner, { data: Uint8Array.of(1) });
  await paired.ask();
  await paired.end();
});

Deno.test("500 silent connections, and more that keep coming, keep no paired device out or waiting", async () => {
  await using echo = await EchoServer.open();
  await using lane = await LanePair.open({ time: 2000 });
  const paired = await echoing(lane, echo);
  const before = await descriptors();
  const strangers: Deno.TcpConn[] = [];
  const knock = async () => {
    const stranger = await Deno.connect({ hostname: "127.0.0.1", port: lane.port });
    strangers.push(stranger);
    if (strangers.length % 2 === 0) await stranger.write(Uint8Array.of(0x16, 3, 1)); // the beginning of a ClientHello
  };
  for (let i = 0; i < 50; i++) {
    await Promise.all(Array.from({ length: 10 }, knock));
    await paired.ask();
    assert(lane.server.waiting <= 64, `${lane.server.waiting} wait`);
  }
  assert(lane.server.waiting > 0);
  for (let i = 0; i < 5; i++) {
    await Promise.all([knock(), knock(), knock()]);
    // Whoever is paired opens another pipe meanwhile.
    const end = await lane.dial();
    const closing = closingOf(end);
    end.abort();
    await closing;
    await paired.ask();
  }
  // Those that made no room are closed in their time.
  await until(() => lane.server.waiting === 0);
  assertEquals(await Promise.all(strangers.map(isOver)), strangers.map(() => true));
  for (const stranger of strangers) stranger.close();
  await until(async () => await descriptors() <= before);
  await paired.ask();
  await paired.end();
});

Deno.test("a device that is paired guesses no token, and leaves nothing behind when it sends none", async () => {
  await using echo = await EchoServer.open();
  await using lane = await LanePair.open();
  const paired = await echoing(lane, echo);
  const foreign = paired.pipes.offer("nas", echo.port);
  const before = await descriptors();
  const guesses = [foreign, ...Array.from({ length: 30 }, () => crypto.getRandomValues(new Uint8Array(16)))];
  await Promise.all([...guesses, new Uint8Array(0), new Uint8Array(15)].map(async (start) => {
    const end = await lane.dial();
    end.send(start);
    await closingOf(end);
  }));
  assertEquals([echo.connections, paired.pipes.count("laptop")], [1, 1]);
  await until(async () => await descriptors() <= before);
  await paired.ask();
  await paired.end();
});
