// Nothing: what it takes to start and stay is Deno's own. With an argument it stays until standard input ends.
if (Deno.args.length > 0) { while (await Deno.stdin.read(new Uint8Array(1)) !== null); }
