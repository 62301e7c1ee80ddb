/** Runs `action` and counts how often the event loop came round meanwhile, as it does for whoever else is served. */
export async function turnsDuring(action: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let timer = setTimeout(function turn() {
    turns++;
    timer = setTimeout(turn);
  });
  try {
    await action();
  } finally {
    clearTimeout(timer);
  }
  return turns;
}
