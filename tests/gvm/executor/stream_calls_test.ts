// Streams and futures byte by byte at a real executor (docs/protocol.md, "Streams and futures"), from callers without manners.
import { assert, assertEquals } from "@std/assert";
import type { Body } from "../../../gmp/frames/body.ts";
import { errorPayload } from "../../../gmp/frames/error_payload.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { Flag, Kind } from "../../../gmp/frames/frame.ts";
import { OPERATIONS } from "../../../gmp/messages/operations.ts";
import { dialWithTicket } from "../../../gmp/ports/dial_with_ticket.ts";
import { ROOT } from "../../tools/commands.ts";
import { concat, frameBytes, hex, Peer, type WireFrame } from "../../gmp/_wire.ts";
import { Harness } from "../harness.ts";

/** The first numbers of streams of each side. */
const [OURS, THEIRS] = [1, 0x8001];

/** A connection to an executor, and what it says. */
class Hostile implements Disposable {
  peer!: Peer;
  #close!: () => void;
  #id = 0;

  static async open(harness: Harness): Promise<Hostile> {
    const opened = new Hostile();
    const { executor, address, ticket } = await harness.pool.open({ role: "command" }, () => {}, {
      isOwn: true,
    }).place();
    const audience = `executor/${executor}` as const;
    const { transport } = await dialWithTicket({ port: address.loopback, ticket, audience });
    opened.peer = new Peer(transport);
    opened.#close = () => transport.close();
    return opened;
  }

  /** The handle of a function of `flows`. */
  async resolve(name: string): Promise<number> {
    const payload = { module: "flows", function: name };
    const id = ++this.#id;
    await this.peer.send(
      frameBytes(Kind.REQUEST, { id, operation: OPERATIONS["function.resolve"], payload }),
    );
    return (await this.peer.body(Kind.REPLY, id)).handle as number;
  }

  /** Calls a function with `args`; the id of the call. */
  async call(handle: number, args: Uint8Array = new Uint8Array(0)): Promise<number> {
    const id = ++this.#id;
    const payload = concat(u32(handle), args);
    await this.peer.send(frameBytes(Kind.CALL, { id, payload }));
    return id;
  }

  /** Sends a frame about stream `operation` of call `id`. */
  async about(
    kind: Kind,
    id: number,
    operation: number,
    payload: Uint8Array = new Uint8Array(0),
    flags = 0,
  ): Promise<void> {
    await this.peer.send(frameBytes(kind, { id, operation, flags, payload }));
  }

  /** Checks the next frame's kind, id and number. */
  async next(kind: Kind, id: number, operation = 0): Promise<WireFrame> {
    const frame = await this.peer.next();
    assertEquals([frame?.kind, frame?.id, frame?.operation], [kind, id, operation]);
    return frame!;
  }

  /** As `next`, past CREDIT: who waits for the rest of an element asks for more. */
  async nextButCredit(kind: Kind, id: number, operation: number): Promise<WireFrame> {
    let frame = await this.peer.next();
    while (frame?.kind === Kind.CREDIT) frame = await this.peer.next();
    assertEquals([frame?.kind, frame?.id, frame?.operation], [kind, id, operation]);
    return frame!;
  }

  /** Checks that call `id` is answered, and its stream asked for, in whichever order. */
  async begun(id: number): Promise<void> {
    const frames = [await this.peer.next(), await this.peer.next()];
    const said = frames.map((frame) => `${frame?.kind} ${frame?.id} ${frame?.operation}`);
    assertEquals(new Set(said), new Set([`${Kind.RESULT} ${id} 0`, `${Kind.CREDIT} ${id} ${OURS}`]));
  }

  /** Checks that the next frame is the ERROR of call `id`, perhaps of its stream: what it says. */
  async failure(id: number, operation = 0): Promise<Body> {
    const frame = await this.next(Kind.ERROR, id, operation);
    const peer = new Peer(undefined as never);
    peer.next = () => Promise.resolve(frame);
    return await peer.body(Kind.ERROR);
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}

function u32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function u16(value: number): Uint8Array {
  return new Uint8Array(Uint16Array.of(value).buffer);
}

const WINDOW = u32(262_144);

Deno.test("streams and futures at one executor, each time over a connection of its own", async (t) => {
  await using harness = new Harness({ size: 1 });

  await t.step("the conversation of protocol.md is what an executor says", async () => {
    const page = await Deno.readTextFile(`${ROOT}/docs/protocol.md`);
    const lines = new Map(
      Array.from(
        page.matchAll(/^((?:[0-9A-F]{2} +)+)((?:CALL|RESULT|CREDIT|DATA)\b.*)$/gm),
        ([, bytes, what]) => [what!, hex(bytes!)],
      ),
    );
    const bytes = (what: string) => lines.get(what) ?? new Uint8Array(0);
    using hostile = await Hostile.open(harness);
    const { peer } = hostile;
    assertEquals(await hostile.resolve("echo"), 0); // with id 1
    await peer.send(bytes("CALL"));
    const said: Uint8Array[] = [];
    const listen = async () => {
      const { kind, flags, operation, id, payload } = (await peer.next())!;
      said.push(frameBytes(kind, { flags, operation, id, payload }));
    };
    await listen();
    await listen();
    await peer.send(
      bytes("CREDIT for 32769, from the caller"),
      bytes("DATA of 1"),
      bytes("DATA of 1, its end"),
    );
    await listen();
    await listen();
    const expected = ["CREDIT for 1, from the executor", "RESULT", "DATA of 32769", "DATA of 32769, its end"];
    // The first two may come in either order.
    assertEquals(new Set(said.slice(0, 2).map(String)), new Set(expected.slice(0, 2).map(bytes).map(String)));
    assertEquals(said.slice(2), expected.slice(2).map(bytes));
  });

  await t.step(
    "a number that is none of the caller's, or not new, is refused, and so is a call under an id in use",
    async () => {
      using hostile = await Hostile.open(harness);
      const echo = await hostile.resolve("echo");
      for (const number of [0, THEIRS, 0xffff, 0x8000]) {
        const failed = await hostile.failure(await hostile.call(echo, u16(number)));
        assertEquals(failed.code, "BAD_REQUEST");
        assertEquals(failed.message, `Cannot read the values: ${number} is not the number of a new stream`);
      }
      const id = await hostile.call(echo, u16(OURS));
      await hostile.begun(id);
      await hostile.peer.send(frameBytes(Kind.CALL, { id, payload: concat(u32(echo), u16(OURS)) }));
      assertEquals((await hostile.failure(id)).message, `Cannot call: streams of call ${id} are open`);
      // The first one goes on.
      await hostile.about(Kind.CREDIT, id, THEIRS, WINDOW);
      await hostile.about(Kind.DATA, id, OURS, Uint8Array.of(1, 2, 3));
      assertEquals((await hostile.next(Kind.DATA, id, THEIRS)).payload, Uint8Array.of(1, 2, 3));
      assertEquals((await hostile.next(Kind.DATA, id, THEIRS)).flags, 0);
    },
  );

  await t.step("frames for streams that are not there, and DATA after the end, are ignored", async () => {
    using hostile = await Hostile.open(harness);
    const count = await hostile.resolve("count");
    for (const kind of [Kind.DATA, Kind.ERROR, Kind.CANCEL, Kind.CREDIT]) {
      for (const id of [7, 0, 0xffff_ffff]) await hostile.about(kind, id, OURS, WINDOW);
    }
    const id = await hostile.call(count, u32(1));
    await hostile.next(Kind.RESULT, id);
    for (const number of [OURS, 2, 0x7fff, 0x8002, 0xffff]) {
      for (const kind of [Kind.DATA, Kind.ERROR, Kind.CANCEL, Kind.CREDIT]) {
        await hostile.about(kind, id, number, WINDOW, kind === Kind.DATA ? Flag.MORE : 0);
      }
    }
    await hostile.about(Kind.CREDIT, id, THEIRS, WINDOW);
    assertEquals((await hostile.next(Kind.DATA, id, THEIRS)).payload, Uint8Array.of(1));
    assertEquals((await hostile.next(Kind.DATA, id, THEIRS)).flags, 0);
    await hostile.about(Kind.CREDIT, id, THEIRS, WINDOW);
    await hostile.about(Kind.CANCEL, id, THEIRS);
    await hostile.peer.send(frameBytes(Kind.PING, { id: 5 }));
    await hostile.next(Kind.PONG, 5);
  });

  await t.step(
    "DATA that was not asked for ends its stream and its call, and what comes after it costs nothing",
    async () => {
      using hostile = await Hostile.open(harness);
      const sum = await hostile.resolve("echo");
      const flood = async (send: (id: number) => Promise<void>): Promise<Body> => {
        const id = await hostile.call(sum, u16(OURS));
        await hostile.begun(id);
        await hostile.about(Kind.CREDIT, id, THEIRS, u32(1 << 30));
        await send(id);
        for (;;) {
          const frame = await hostile.peer.next();
          if (frame?.kind === Kind.CANCEL) assertEquals([frame.id, frame.operation], [id, OURS]);
          if (frame?.kind !== Kind.ERROR) continue;
          assertEquals([frame.id, frame.operation], [id, THEIRS]);
          const peer = new Peer(undefined as never);
          peer.next = () => Promise.resolve(frame);
          return await peer.body(Kind.ERROR);
        }
      };
      const empty = await flood((id) => hostile.about(Kind.DATA, id, OURS, new Uint8Array(0), Flag.MORE));
      assertEquals([empty.code, empty.message], [
        "BAD_REQUEST",
        "Cannot read the stream: DATA without bytes came, and was not the last",
      ]);
      const large = new Uint8Array(1 << 20);
      const unasked = await flood(async (id) => {
        for (let i = 0; i < 40; i++) await hostile.about(Kind.DATA, id, OURS, large, Flag.MORE);
      });
      assertEquals([unasked.code, unasked.message], [
        "BAD_REQUEST",
        "Cannot read the stream: more came than was asked for",
      ]);
      const small = await flood(async (id) => {
        const frames = Array.from(
          { length: 3000 },
          () => frameBytes(Kind.DATA, { id, operation: OURS, flags: Flag.MORE, payload: Uint8Array.of(1) }),
        );
        for (let i = 0; i < 3; i++) await hostile.peer.send(...frames);
      });
      assertEquals(small.code, "BAD_REQUEST");
    },
  );

  await t.step("elements that are not of their type end the stream, wherever they are", async () => {
    using hostile = await Hostile.open(harness);
    const words = await hostile.resolve("words");
    for (
      const [bytes, message] of [
        ["ffffffff 41", "Cannot read the values: 4294967295 bytes are next, and 1 are left"],
        ["01000000 ff", "Cannot read the values: a string is not UTF-8"],
        ["0100", "Cannot read the values: 4 bytes are next, and 2 are left"],
      ] as const
    ) {
      const id = await hostile.call(words, u16(OURS));
      await hostile.begun(id);
      await hostile.about(Kind.CREDIT, id, THEIRS, WINDOW);
      await hostile.about(Kind.DATA, id, OURS, hex(bytes), Flag.MORE);
      await hostile.next(Kind.CANCEL, id, OURS);
      const failed = await hostile.failure(id, THEIRS);
      assertEquals([failed.code, failed.message], ["BAD_REQUEST", message]);
    }
    const double = await hostile.resolve("double");
    for (const bytes of ["", "01", "0100000002000000"]) {
      const id = await hostile.call(double, u16(OURS));
      await hostile.begun(id);
      await hostile.about(Kind.CREDIT, id, THEIRS, WINDOW);
      await hostile.about(Kind.DATA, id, OURS, hex(bytes));
      assertEquals((await hostile.failure(id, THEIRS)).code, "BAD_REQUEST");
    }
  });

  await t.step(
    "an element comes in parts; one that never ends, or that its stream ends, ends the call",
    async () => {
      using hostile = await Hostile.open(harness);
      const words = await hostile.resolve("words");
      const begin = async () => {
        const id = await hostile.call(words, u16(OURS));
        await hostile.begun(id);
        await hostile.about(Kind.CREDIT, id, THEIRS, u32(1 << 30));
        return id;
      };
      const part = Flag.MORE | Flag.PART;
      const whole = await begin();
      for (const bytes of ["03", "0000", "0041"]) {
        await hostile.about(
          Kind.DATA,
          whole,
          OURS,
          hex(bytes),
          part,
        );
      }
      await hostile.about(Kind.DATA, whole, OURS, hex("4243 01000000 44"), Flag.MORE);
      await hostile.about(Kind.DATA, whole, OURS);
      assertEquals(
        (await hostile.nextButCredit(Kind.DATA, whole, THEIRS)).payload,
        hex("03000000414243 0100000044"),
      );
      assertEquals((await hostile.nextButCredit(Kind.DATA, whole, THEIRS)).flags, 0);

      for (const [bytes, flags] of [["", 0], ["41", Flag.PART]] as const) {
        const id = await begin();
        await hostile.about(Kind.DATA, id, OURS, hex("03"), part);
        await hostile.about(Kind.DATA, id, OURS, hex(bytes), flags);
        await hostile.nextButCredit(Kind.CANCEL, id, OURS);
        const failed = await hostile.failure(id, THEIRS);
        assertEquals([failed.code, failed.message], [
          "BAD_REQUEST",
          "Cannot read the stream: it ends within an element",
        ]);
      }

      const id = await begin();
      let last: WireFrame | null = null;
      const large = new Uint8Array(1 << 20).fill(0xff);
      for (let credit = 0, sent = 0; last?.kind !== Kind.CANCEL; last = await hostile.peer.next()) {
        if (last?.kind === Kind.CREDIT) {
          credit += new DataView(last.payload.slice().buffer).getUint32(
            0,
            true,
          );
        }
        for (credit += sent === 0 ? 1 : 0; credit > 0 && sent < 20; sent++, credit -= large.length + 256) {
          await hostile.about(Kind.DATA, id, OURS, large, part);
        }
      }
      const failed = await hostile.failure(id, THEIRS);
      assertEquals([failed.code, failed.message], [
        "PAYLOAD_TOO_LARGE",
        "Cannot read the stream: an element has more than 16908288 bytes",
      ]);
    },
  );

  await t.step("a source's error is what the call, and its other streams, end with", async () => {
    using hostile = await Hostile.open(harness);
    const echo = await hostile.resolve("echo");
    const id = await hostile.call(echo, u16(OURS));
    await hostile.begun(id);
    const dry = errorPayload(new GhostError("CANCELLED", "the source is dry"));
    await hostile.about(Kind.ERROR, id, OURS, dry);
    await hostile.about(Kind.CREDIT, id, THEIRS, WINDOW);
    const failed = await hostile.failure(id, THEIRS);
    assertEquals([failed.code, failed.message], ["CANCELLED", "the source is dry"]);
    await hostile.about(Kind.CREDIT, id, THEIRS, Uint8Array.of(1)); // its stream has ended
    await hostile.peer.send(frameBytes(Kind.PING, { id: 5 }));
    await hostile.next(Kind.PONG, 5);
  });

  await t.step(
    "a call that goes on and is cancelled ends its streams, also those that nobody reads",
    async () => {
      using hostile = await Hostile.open(harness);
      const echo = await hostile.resolve("echo");
      for (let i = 0; i < 3; i++) {
        const id = await hostile.call(echo, u16(OURS));
        await hostile.begun(id);
        await hostile.peer.send(frameBytes(Kind.CANCEL, { id }), frameBytes(Kind.PING, { id: 5 }));
        await hostile.next(Kind.CANCEL, id, OURS);
        assertEquals((await hostile.failure(id, THEIRS)).code, "CANCELLED");
        await hostile.next(Kind.PONG, 5);
        // Its id is free, as that of any call that is over.
        await hostile.peer.send(frameBytes(Kind.CALL, { id, payload: concat(u32(echo), u16(OURS)) }));
        await hostile.begun(id);
        await hostile.about(Kind.DATA, id, OURS);
        await hostile.about(Kind.CANCEL, id, THEIRS);
      }
    },
  );

  await t.step(
    "a connection has 256 streams at most, and a call that would pass more is refused",
    async () => {
      using hostile = await Hostile.open(harness);
      const count = await hostile.resolve("count");
      const open: number[] = [];
      for (let i = 0; i < 256; i++) {
        const id = await hostile.call(count, u32(1));
        await hostile.next(Kind.RESULT, id);
        open.push(id);
      }
      const failed = await hostile.failure(await hostile.call(count, u32(1)));
      assertEquals([failed.code, failed.message], [
        "TOO_MANY_REQUESTS",
        "Cannot pass a stream: 256 streams are open already",
      ]);
      // The call that could not be answered has ended its instance, and with it all of theirs.
      const gone = new Set<number>();
      await hostile.peer.send(frameBytes(Kind.PING, { id: 5 })); // answered behind them
      while (gone.size < open.length) {
        const frame = (await hostile.peer.next())!;
        assertEquals(frame.kind, Kind.ERROR);
        gone.add(frame.id);
      }
      await hostile.next(Kind.PONG, 5);
      const id = await hostile.call(count, u32(1));
      await hostile.next(Kind.RESULT, id);
      assert(gone.has(open[0]!));
    },
  );

  await t.step("a malformed CREDIT ends the connection", async () => {
    using hostile = await Hostile.open(harness);
    const count = await hostile.resolve("count");
    const id = await hostile.call(count, u32(1));
    await hostile.next(Kind.RESULT, id);
    await hostile.about(Kind.CREDIT, id, THEIRS, Uint8Array.of(1, 2, 3));
    assertEquals((await hostile.failure(0)).message, "Cannot read a CREDIT: it is not a u32");
  });
});
