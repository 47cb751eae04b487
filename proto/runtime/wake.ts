// Lets loops sleep until a fact may have changed: "there is a new batch", "room was made".
// Promises: everybody who waits when wake() is called goes on; a wait ends at once when its signal aborts.
// The sleeper must look at the fact again: a wake is a hint, and a wake before the wait is not remembered.

export class Wake {
  #sleepers = new Set<() => void>();

  /** Resolves at the next wake, or when the signal aborts. */
  wait(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const rouse = (): void => {
        this.#sleepers.delete(rouse);
        signal?.removeEventListener('abort', rouse);
        resolve();
      };
      this.#sleepers.add(rouse);
      signal?.addEventListener('abort', rouse, { once: true });
    });
  }

  wake(): void {
    for (const rouse of this.#sleepers) rouse();
  }
}
