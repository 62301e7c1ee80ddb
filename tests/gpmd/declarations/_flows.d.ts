// deno-fmt-ignore-file: these are the very declarations, which declarations_test.ts compares.
// Types of flows@v0.0.1, SHA-256 0000000000000000000000000000000000000000000000000000000000000000, written by gpmd wasm types.

export interface Report {
  name: string;
  data: ReadableStream<Uint8Array>;
  size: Promise<number>;
}

/** What the component exports itself. */
export interface Flows {
  count(to: number): Promise<ReadableStream<Uint8Array>>;
  countAlone(to: number): Promise<ReadableStream<Uint8Array>>;
  zeros(): Promise<ReadableStream<Uint8Array>>;
  cleaned(): Promise<number>;
  echo(data: ReadableStream<Uint8Array | readonly number[] | string | number> | AsyncIterable<Uint8Array | readonly number[] | string | number> | Iterable<Uint8Array | readonly number[] | string | number>): Promise<ReadableStream<Uint8Array>>;
  words(text: ReadableStream<string> | AsyncIterable<string> | Iterable<string>): Promise<ReadableStream<string>>;
  swallow(data: ReadableStream<Uint8Array | readonly number[] | string | number> | AsyncIterable<Uint8Array | readonly number[] | string | number> | Iterable<Uint8Array | readonly number[] | string | number>): Promise<void>;
  refuse(data: ReadableStream<Uint8Array | readonly number[] | string | number> | AsyncIterable<Uint8Array | readonly number[] | string | number> | Iterable<Uint8Array | readonly number[] | string | number>): Promise<void>;
  double(number: Promise<number> | number): Promise<number>;
  describe(to: number): Promise<Report>;
  break(): Promise<ReadableStream<Uint8Array>>;
  spin(): Promise<ReadableStream<Uint8Array>>;
  dawdle(): Promise<ReadableStream<Uint8Array>>;
  grow(): Promise<ReadableStream<Uint8Array>>;
}
