/**
 * Both ends of a request and reply over NATS. The specifier of the client comes from the command line, so that it is in
 * nobody's module graph.
 */
import { rateOf, serveActions, timeInSequence } from "../agent.ts";

interface Message {
  readonly data: Uint8Array;
  respond(data: Uint8Array): boolean;
}
interface NatsConnection {
  subscribe(subject: string, options: { callback(error: unknown, message: Message): void }): void;
  request(subject: string, data: Uint8Array): Promise<Message>;
  flush(): Promise<void>;
}
interface NatsClient {
  connect(options: { servers: string }): Promise<NatsConnection>;
}

const { connect } = await import(Deno.args[0]!) as NatsClient;
let connection: NatsConnection;

async function subtract(i: number): Promise<number> {
  const request = new Uint8Array(8);
  const view = new DataView(request.buffer);
  view.setInt32(0, i, true);
  view.setInt32(4, 7, true);
  const { data } = await connection.request("math.sub", request);
  return new DataView(data.buffer, data.byteOffset).getInt32(0, true);
}

function answer(message: Message): void {
  const { buffer, byteOffset } = message.data;
  const view = new DataView(buffer, byteOffset);
  const reply = new Uint8Array(4);
  new DataView(reply.buffer).setInt32(0, view.getInt32(0, true) - view.getInt32(4, true), true);
  message.respond(reply);
}

serveActions({
  connect: async (port) => {
    connection = await connect({ servers: `127.0.0.1:${port}` });
  },
  answer: async () => {
    connection.subscribe("math.sub", { callback: (_, message) => answer(message) });
    await connection.flush();
  },
  sequence: (count) => timeInSequence(count, subtract),
  concurrent: (callers, count) => rateOf(callers, count, subtract),
});
