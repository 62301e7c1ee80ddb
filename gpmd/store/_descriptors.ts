/** Descriptors that a thread of Deno takes when it starts, 7 on 2.9.6, and some for files that are opened meanwhile. */
const THREAD_DESCRIPTORS = 16;

/**
 * Throws the system's error when this process may not open as many files as another thread takes; `path` is a file that
 * it may read. Deno ends the whole process when a thread that it starts gets no descriptors. It makes the thread before
 * it goes on, so no connection is accepted in between.
 */
export function expectDescriptors(path: string): void {
  const files: Deno.FsFile[] = [];
  try {
    while (files.length < THREAD_DESCRIPTORS) files.push(Deno.openSync(path));
  } finally {
    for (const file of files) file.close();
  }
}
