export interface ExistsOptions {
  /** Also ask that it is a directory. */
  isDirectory?: boolean;
  /** Also ask that it is a file. */
  isFile?: boolean;
}

/** Whether `path` exists, following symbolic links, and is of the kind asked for. */
export async function exists(
  path: string | URL,
  options?: ExistsOptions,
): Promise<boolean> {
  try {
    return isKind(await Deno.stat(path), options);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** As {@linkcode exists}, synchronously. */
export function existsSync(
  path: string | URL,
  options?: ExistsOptions,
): boolean {
  try {
    return isKind(Deno.statSync(path), options);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function isKind(stat: Deno.FileInfo, options: ExistsOptions = {}): boolean {
  return (!options.isDirectory || stat.isDirectory) &&
    (!options.isFile || stat.isFile);
}
