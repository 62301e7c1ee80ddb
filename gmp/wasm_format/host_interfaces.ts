/** The names of interfaces by their packages. */
export type PackageNames = Readonly<Record<string, readonly string[]>>;

/** The packages of WASI 0.2 with the interfaces that components import (WASI 0.2, `wasi:cli/imports` and `wasi:http/imports`). */
export const WASI_2 = {
  cli: [
    "environment",
    "exit",
    "stderr",
    "stdin",
    "stdout",
    "terminal-input",
    "terminal-output",
    "terminal-stderr",
    "terminal-stdin",
    "terminal-stdout",
  ],
  clocks: ["monotonic-clock", "timezone", "wall-clock"],
  filesystem: ["preopens", "types"],
  http: ["outgoing-handler", "types"],
  io: ["error", "poll", "streams"],
  random: ["insecure", "insecure-seed", "random"],
  sockets: [
    "instance-network",
    "ip-name-lookup",
    "network",
    "tcp",
    "tcp-create-socket",
    "udp",
    "udp-create-socket",
  ],
} as const satisfies PackageNames;

/** The same of WASI 0.3. */
export const WASI_3 = {
  cli: [...WASI_2.cli, "types"],
  clocks: ["monotonic-clock", "system-clock", "timezone", "types"],
  filesystem: WASI_2.filesystem,
  http: ["client", "handler", "types"],
  random: WASI_2.random,
  sockets: ["ip-name-lookup", "types"],
} as const satisfies PackageNames;

/** The interfaces that nodes provide to components, without their version, which is 0.2. */
export const HOST_INTERFACES: ReadonlySet<string> = namesOf(WASI_2);
/** The same of version 0.3. */
export const HOST_INTERFACES_3: ReadonlySet<string> = namesOf(WASI_3);

function namesOf(packages: PackageNames): Set<string> {
  return new Set(
    Object.entries(packages).flatMap(([name, interfaces]) => interfaces.map((one) => `wasi:${name}/${one}`)),
  );
}

/** What nodes provide, and for which versions. */
const PROVIDED = [
  { interfaces: HOST_INTERFACES, versions: /^0\.2(?:\.\d+)?$/ },
  { interfaces: HOST_INTERFACES_3, versions: /^0\.3(?:\.\d+)?$/ },
];

/** Whether nodes provide the interface that a component imports under `name`, such as `wasi:io/streams@0.2.3`. */
export function isHostInterface(name: string): boolean {
  const [path = "", version = ""] = name.split("@");
  return PROVIDED.some(({ interfaces, versions }) => interfaces.has(path) && versions.test(version));
}
