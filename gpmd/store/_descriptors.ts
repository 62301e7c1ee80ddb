/** Descriptors that a thread of Deno takes when it starts, 7 on 2.9.6, and those of files that are being opened meanwhile. */
const THREAD_DESCRIPTORS = 16;

/**
 * Throws what the system says when this process may not have the descriptors of another thread; `path` is a file that it may
 * read. Deno ends the whole process where a thread that it starts gets none. It makes the thread before it goes on, so no
 * connection that is accepted comes between.
 */
export function expectDescriptors(path: string): void {
  const files: Deno.FsFile[] = [];
  try {
    while (files.length < THREAD_DESCRIPTORS) files.push(Deno.openSync(path));
  } finally {
    for (const file of files) file.close();
  }
}
