/**
 * Somebody in the network who is paired with nobody: `hold HOST PER_PORT PORT…` opens that many connections at once and keeps them,
 * `keep HOST PER_SECOND PORT…` opens more and more; both until the input ends.
 */

/** Opens a connection that stays; some say a little first, of libp2p's or of TLS's. */
async function open(hostname: string, port: number, nth: number): Promise<void> {
  try {
    const connection = await Deno.connect({ hostname, port });
    if (nth % 3 === 1) await connection.write(new TextEncoder().encode("\x13/multistream/1.0.0\n"));
    if (nth % 3 === 2) await connection.write(Uint8Array.of(22, 3, 1));
  } catch {
    // It was closed at once.
  }
}

if (import.meta.main) {
  const [what, host, count, ...ports] = Deno.args as [string, string, string, ...string[]];
  const end = new Response(Deno.stdin.readable).text();
  if (what === "hold") {
    const all = ports.flatMap((port) =>
      Array.from({ length: Number(count) }, (_, i) => open(host, Number(port), i))
    );
    await Promise.all(all);
  } else {
    let nth = 0;
    setInterval(() => ports.forEach((port) => open(host, Number(port), nth++)), 1000 / Number(count));
  }
  console.log("open");
  await end;
  Deno.exit(0);
}
