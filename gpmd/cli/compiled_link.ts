/**
 * A compiled `gpmd` as its own link, and as the keeper of that, after giving up what they do not need. Their code is
 * imported by paths that Deno does not follow beforehand, or every command would fetch the packages of libp2p; a binary
 * has it inside.
 *
 * @module
 */

/** Runs the link: what it may connect to, read and write cannot be narrowed in a binary. */
export async function runCompiledLink(): Promise<number> {
  for (const name of ["run", "ffi"] as const) Deno.permissions.revokeSync({ name });
  const { runLink }: { runLink(): Promise<number> } = await import(import.meta.resolve("../link/main.ts"));
  return await runLink();
}

/** Runs the keeper, which starts the link and does nothing else. */
export async function runCompiledKeeper(): Promise<number> {
  for (const name of ["net", "read", "write", "env", "sys", "ffi"] as const) {
    Deno.permissions.revokeSync({ name });
  }
  const { runKeeper }: { runKeeper(): Promise<number> } = await import(
    import.meta.resolve("../link/keeper.ts")
  );
  return await runKeeper();
}
