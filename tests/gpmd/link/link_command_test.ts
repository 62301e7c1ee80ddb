import { assert, assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { keeperCommand, linkCommand, linkPermissions } from "../../../gpmd/link/link_command.ts";
import { isNetwork } from "../../../gmp/device/networks.ts";
import { nameOfDevice } from "../../../gpmd/link/main.ts";

const netOf = (port: number, ...networks: string[]) =>
  linkPermissions({ home: "/store", port, networks }).find((flag) => flag.startsWith("--allow-net="))!
    .slice("--allow-net=".length).split(",");

Deno.test("a link on loopback listens and dials nowhere else", () => {
  assertEquals(netOf(0, "127.0.0.1"), ["127.0.0.1"]);
  assertEquals(netOf(5990, "127.0.0.0/8"), ["127.0.0.1", "127.0.0.0/8"]);
});

Deno.test("a link dials its own port and the usual one, in its networks alone", () => {
  const dialled = (network: string, ...ports: number[]) => ports.map((port) => `${network}:${port}`);
  assertEquals(netOf(7000, "10.77.0.0/24"), [
    "127.0.0.1",
    ...dialled("0.0.0.0", 7000, 7001),
    ...dialled("10.77.0.0/24", 5990, 5991, 7000, 7001),
    ...["0.0.0.0:5353", "224.0.0.251:5353"],
  ]);
});

Deno.test("a link dials the ports that the codes of others have named, and those of their lanes", () => {
  const given = { home: "/store", port: 5990, networks: ["10.0.0.0/8"], dialled: [7000, 5990] };
  const [net] = linkPermissions(given).filter((flag) => flag.startsWith("--allow-net="));
  for (const port of [5990, 5991, 7000, 7001]) assert(net!.includes(`,10.0.0.0/8:${port},`), `${port}`);
  assert(!net!.includes("0.0.0.0:7000"), net);
});

Deno.test("a link's key is no argument of its command, which is held to the lock file beside it", () => {
  const key = "5ec2e7".repeat(10);
  const { args } = linkCommand({ home: "/store", gmpPort: 5989, key, port: 5990, networks: ["10.0.0.0/8"] });
  assert(!args.join().includes("5ec2e7"));
  assert(args.includes("--frozen"));
  const lock = args.find((arg) => arg.startsWith("--lock="))!.slice("--lock=".length);
  assert(Deno.statSync(lock).isFile);
});

Deno.test("a keeper may start one program and do nothing else", () => {
  const { args } = keeperCommand("/usr/bin/deno");
  assertEquals(args.filter((arg) => arg.startsWith("--allow-")), ["--allow-run=/usr/bin/deno"]);
});

Deno.test("a store whose path Deno would read as two is refused", () => {
  const given = { home: "/a,b", port: 5990, networks: [] };
  assertEquals(assertThrows(() => linkPermissions(given), GhostError).code, "BAD_ARGUMENTS");
});

Deno.test("only addresses and subnets of IPv4 become part of a flag", () => {
  for (const text of ["10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "255.255.255.255/32"]) {
    assert(isNetwork(text), text);
  }
  const others = [
    "",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.0/33",
    "10.0.0.0/8,1.2.3.4",
    "host",
    "::1",
    "*",
    " 10.0.0.1",
    "10.0.0.1:80",
  ];
  for (const text of others) assert(!isNetwork(text), text);
});

Deno.test("a device introduces itself by the first part of its host name", () => {
  assertEquals(nameOfDevice("laptop"), "laptop");
  assertEquals(nameOfDevice("Anna's MacBook.local"), "anna-s-macbook");
  for (const none of ["", "...", "---", "LOCAL", "everyone.net"]) assertEquals(nameOfDevice(none), "device");
  assertEquals(nameOfDevice("x".repeat(99)).length, 64);
});
