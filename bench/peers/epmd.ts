/** A client of Erlang's Port Mapper Daemon (the Erlang reference, "Distribution Protocol"): big-endian throughout. */

/** Opens a connection. */
export async function connect(port: number): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.setNoDelay(true);
  return connection;
}

/** ALIVE2: the registration lasts as long as the connection. */
export async function register(connection: Deno.TcpConn, name: string, port: number): Promise<void> {
  const bytes = new TextEncoder().encode(name);
  const body = new Uint8Array(13 + bytes.length);
  const view = new DataView(body.buffer);
  view.setUint8(0, 120);
  view.setUint16(1, port);
  view.setUint8(3, 77); // a normal node
  view.setUint16(5, 6); // versions 6 to 5 of the protocol between nodes
  view.setUint16(7, 5);
  view.setUint16(9, bytes.length);
  body.set(bytes, 11);
  await send(connection, body);
  const reply = new Uint8Array(16);
  await connection.read(reply);
  if (reply[1] !== 0) throw new Error(`epmd refused "${name}": ${reply[1]}`);
}

/** PORT_PLEASE2: the port of a node; each question takes a connection of its own. */
export async function locate(port: number, name: string): Promise<number> {
  using connection = await connect(port);
  await send(connection, Uint8Array.of(122, ...new TextEncoder().encode(name)));
  const reply = new Uint8Array(512);
  await connection.read(reply);
  if (reply[1] !== 0) throw new Error(`epmd does not know "${name}"`);
  return new DataView(reply.buffer).getUint16(2);
}

/** NAMES: a line of text for each node. Returns its bytes. */
export async function names(port: number): Promise<number> {
  using connection = await connect(port);
  await send(connection, Uint8Array.of(110));
  const buffer = new Uint8Array(1 << 16);
  let size = 0;
  for (let count; (count = await connection.read(buffer)) !== null;) size += count;
  return size;
}

async function send(connection: Deno.TcpConn, body: Uint8Array): Promise<void> {
  const message = new Uint8Array(2 + body.length);
  new DataView(message.buffer).setUint16(0, body.length);
  message.set(body, 2);
  await connection.write(message);
}
