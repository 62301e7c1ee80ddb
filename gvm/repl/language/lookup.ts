/** How long a line may wait for names, in milliseconds; a person takes no notice of less. */
const PATIENCE = 200;

/** Something that was asked for and that a line being typed waits for, but only once and not for long. */
export class Lookup<T> {
  /** What was found, once it is. */
  value: T | undefined;
  readonly #done: Promise<void>;
  #late = false;

  /** Waits for `asked`; `tell` is called when it comes after a line has given up waiting. What fails finds nothing. */
  constructor(asked: Promise<T>, tell: () => void) {
    this.#done = asked.then(
      (value) => {
        this.value = value;
        if (this.#late) tell();
      },
      () => {},
    );
  }

  /** What was found, if it is found before long. */
  async get(): Promise<T | undefined> {
    if (this.#late) return this.value;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#late = true;
        resolve();
      }, PATIENCE);
    });
    await Promise.race([this.#done, late]);
    clearTimeout(timer);
    return this.value;
  }
}
