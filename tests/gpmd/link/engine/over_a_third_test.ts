// Two devices that reach each other only over a third, and dial each other at the same moment.
import { generateKeyPair } from "@libp2p/crypto/keys";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { assert, assertEquals } from "@std/assert";
import { request } from "../../../../gmp/channel/messages.ts";
import { Networks } from "../../../../gmp/device/networks.ts";
import { GhostError } from "../../../../gmp/errors.ts";
import { Endpoint } from "../../../../gpmd/link/engine/endpoint.ts";
import { KeptDevice } from "../../../../gpmd/link/engine/kept_device.ts";
import { acceptPipe, openPipe } from "../../../../gpmd/link/engine/pipe_stream.ts";
import { Relays } from "../../../../gpmd/link/engine/relays.ts";
import { eventually } from "../../../tools/commands.ts";
import { linkTest } from "./_hosts.ts";

const NETWORKS = new Networks(["127.0.0.0/8"]);
const signal = new AbortController().signal;

/** A device that listens on loopback, and whose channels `keep` takes. */
async function device(isRelay = false) {
  const key = await generateKeyPair("Ed25519");
  const id = peerIdFromPrivateKey(key).toString();
  let kept: KeptDevice | undefined;
  const endpoint = new Endpoint({
    key,
    port: 0,
    networks: NETWORKS,
    isPaired: () => true,
    invites: () => false,
    joining: () => undefined,
    isRelay: () => isRelay,
    incoming: {
      pair: () => {},
      link: (stream, connection) => kept!.accept(connection, stream),
      pipe: (stream) =>
        void acceptPipe(
          stream,
          (_token, { readable, writable }) => void readable.pipeTo(writable).catch(() => {}),
        ),
    },
  });
  await endpoint.open();
  const changes: (GhostError | undefined)[] = [];
  return {
    id,
    endpoint,
    changes,
    /** Keeps the connection to `other` up, which leads over `relay`, from now on. */
    keep(other: string, relay: string): KeptDevice {
      changes.length = 0;
      return kept = new KeptDevice(other, {
        ownId: id,
        hello: () => ({ instance: id, addresses: [], software: "test 1.0.0" }),
        dial: (_, signal) => endpoint.dialOver(relay, other, signal),
        dialDirectly: () => Promise.reject(new GhostError("DEVICE_UNREACHABLE")),
        openLink: (connection, signal) => endpoint.openStream(connection, "link", signal),
        greeted: () => {},
        changed: (_, error) => void changes.push(error),
        failed: () => {},
        copied: () => {},
        left: () => {},
        handlers: () => ({ "node.discover": () => ({ names: [id] }) }),
        notice: () => () => {},
      });
    },
  };
}

linkTest(
  "devices that dial each other over a third at once lose nothing that goes by either way",
  async () => {
    const relay = await device(true);
    const devices = [await device(), await device()] as const;
    const [one, other] = devices;
    const ends = await Promise.all(devices.map(async ({ endpoint }) => {
      await endpoint.dial(relay.id, relay.endpoint.addresses, signal);
      const reserved = Promise.withResolvers<string>();
      const relays = new Relays({
        reserve: (id) => endpoint.reserve(id),
        reserved: reserved.resolve,
        refused: reserved.reject,
      });
      relays.add(relay.id);
      assertEquals(await reserved.promise, relay.id);
      return relays;
    }));
    for (let round = 0; round < 8; round++) {
      const kept = [one.keep(other.id, relay.id), other.keep(one.id, relay.id)];
      for (const each of kept) each.start();
      await eventually("a connection on both sides", () => kept.every(({ active }) => active !== undefined));
      // At this moment the two may still have chosen different ones.
      const first = kept[0]!.active!;
      const pipe = await openPipe(
        await one.endpoint.openStream(first.connection, "pipe", signal),
        new Uint8Array(16),
      );
      const asked = kept.map(({ active }) => request(active!.channel, "node.discover", {}));
      const sizes: number[] = [];
      const writer = pipe.writable.getWriter();
      const reader = pipe.readable.getReader();
      for (let i = 0; i < 20; i++) {
        const written = writer.write(new Uint8Array(1000));
        for (let size = 0; size < 1000;) {
          const { value } = await reader.read();
          assert(value !== undefined, "the pipe has ended");
          sizes.push(value.length);
          size += value.length;
        }
        await written;
      }
      assertEquals(sizes.reduce((sum, size) => sum + size), 20_000);
      assertEquals(await Promise.all(asked), [{ names: [other.id] }, { names: [one.id] }]);
      for (const { changes } of devices) assertEquals(changes, [undefined]);
      const [mine, theirs] = kept;
      await eventually("one choice of both", () => mine!.active!.isOurs !== theirs!.active!.isOurs);
      await pipe.close();
      await Promise.all(kept.map((each) => each.stop(undefined)));
      for (const [i, each] of devices.entries()) each.endpoint.cut(devices[1 - i]!.id);
    }
    for (const relays of ends) relays.clear();
    for (const each of [...devices, relay]) await each.endpoint.close();
  },
);
