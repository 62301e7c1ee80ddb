import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../../gmp/errors.ts";
import { bytes, Host } from "./_host.ts";

const HTTP = "http/types";

Deno.test("sockets and names are denied", () => {
  const host = new Host();
  const network = host.call("sockets/instance-network", "instance-network");
  assertEquals(host.err("sockets/tcp-create-socket", "create-tcp-socket", "ipv4"), "access-denied");
  assertEquals(host.err("sockets/udp-create-socket", "create-udp-socket", "ipv6"), "access-denied");
  const resolve = () => host.err("sockets/ip-name-lookup", "resolve-addresses", network, "localhost");
  assertEquals(resolve(), "access-denied");
  assertThrows(() => host.call("sockets/tcp", "[method]tcp-socket.accept", {}), Error, "no tcp-socket");
});

Deno.test("a request is made like any other, and denied", () => {
  const host = new Host();
  const field = (name: string, ...args: unknown[]) => host.call(HTTP, `[method]fields.${name}`, ...args);
  const fields = host.call(HTTP, "[constructor]fields");
  host.ok(HTTP, "[method]fields.append", fields, "Accept", bytes("text/plain"));
  host.ok(HTTP, "[method]fields.append", fields, "accept", bytes("text/html"));
  host.ok(HTTP, "[method]fields.set", fields, "X-Y", [bytes("1"), bytes("2")]);
  host.ok(HTTP, "[method]fields.delete", fields, "x-y");
  assertEquals(field("get", fields, "ACCEPT"), [bytes("text/plain"), bytes("text/html")]);
  assertEquals([field("has", fields, "accept"), field("has", fields, "x-y")], [true, false]);
  for (const [name, value] of [["", "a"], ["a b", "a"], ["a", "b\r\nc: d"]] as const) {
    const error = host.err(HTTP, "[method]fields.append", fields, name, bytes(value));
    assertEquals(error, { tag: "invalid-syntax" });
  }
  const copy = field("clone", fields);

  const request = host.call(HTTP, "[constructor]outgoing-request", fields);
  const part = (name: string, ...args: unknown[]) =>
    host.call(HTTP, `[method]outgoing-request.${name}`, request, ...args);
  assertEquals(part("method"), { tag: "get" });
  host.ok(HTTP, "[method]outgoing-request.set-method", request, { tag: "other", val: "BREW" });
  assertEquals(part("method"), { tag: "other", val: "BREW" });
  assertEquals(part("authority"), undefined);
  host.ok(HTTP, "[method]outgoing-request.set-authority", request, "example.org");
  assertEquals(part("authority"), "example.org");
  host.err(HTTP, "[method]outgoing-request.set-path-with-query", request, "/".repeat(9000));
  const headers = part("headers");
  assertEquals(host.err(HTTP, "[method]fields.delete", headers, "accept"), { tag: "immutable" });
  assertEquals(field("entries", headers), field("entries", copy));
  const body = host.ok(HTTP, "[method]outgoing-request.body", request);
  host.err(HTTP, "[method]outgoing-request.body", request);
  const stream = host.ok(HTTP, "[method]outgoing-body.write", body);
  host.ok("io/streams", "[method]output-stream.blocking-write-and-flush", stream, bytes("hello"));
  host.drop("io/streams", "output-stream", stream);
  host.ok(HTTP, "[static]outgoing-body.finish", body, undefined);
  const denied = host.err("http/outgoing-handler", "handle", request, undefined);
  assertEquals(denied, { tag: "HTTP-request-denied" });
});

Deno.test("options of a request are kept", () => {
  const host = new Host();
  const options = host.call(HTTP, "[constructor]request-options");
  host.ok(HTTP, "[method]request-options.set-connect-timeout", options, 5n);
  assertEquals(host.call(HTTP, "[method]request-options.connect-timeout", options), 5n);
  assertEquals(host.call(HTTP, "[method]request-options.first-byte-timeout", options), undefined);
});

Deno.test("messages that are kept fill their budget, those that are dropped do not", () => {
  const host = new Host();
  const make = () => {
    const fields = host.call(HTTP, "[constructor]fields");
    host.ok(HTTP, "[method]fields.append", fields, "a", new Uint8Array(100_000).fill(97));
    return host.call(HTTP, "[constructor]outgoing-request", fields);
  };
  for (let count = 0; count < 100; count++) host.drop(HTTP, "outgoing-request", make());
  for (let count = 0; count < 100; count++) host.err("http/outgoing-handler", "handle", make(), undefined);
  const error = assertThrows(() => {
    for (let count = 0; count < 100; count++) make();
  }, GhostError);
  assertEquals(error.code, "MEMORY_LIMIT");
});
