let ending = false;

/**
 * This process ends when it has said goodbye: it need not wait for the executors that it kills. Nothing can keep them, and the
 * system takes as long to clear one away as the rest of the goodbyes take.
 */
export function endNext(): void {
  ending = true;
}

/** Whether {@linkcode endNext} was called. */
export function endsNext(): boolean {
  return ending;
}
