import type { NodeCodec } from "./_primitive_codecs.ts";
import { Misfit } from "./misfit.ts";
import type { StreamType } from "./stream_table.ts";
import { Cost, unreadable } from "./value_reader.ts";
import { fitsStream } from "./value_streams.ts";

/** A stream or a future: the u16 of its number in the call. Its elements follow apart from it. `text` is its type. */
export function streamCodec(type: StreamType, text: string): NodeCodec {
  const expected = `a ${text} (a ReadableStream that nobody reads, or an iterable)`;
  return {
    least: 2,
    write: (out, value) => {
      const { streams } = out;
      if (streams === undefined || !fitsStream(type.kind, value)) throw new Misfit(value, expected, text);
      const offset = out.take(2);
      const number = streams.numberOf(value, type);
      out.numbered.push(number);
      out.view.setUint16(offset, number, true);
    },
    read: (from) => {
      const number = from.view.getUint16(from.take(2), true);
      if (from.streams === undefined) throw unreadable(`there is no ${type.kind} here`);
      from.charge(Cost.OBJECT + Cost.TYPED_ARRAY);
      return from.streams.valueOf(number, type);
    },
  };
}
