// One thing at a time, in the order asked for: guards state that is changed across awaits.
// Promises: tasks run one after the other; one that fails does not stop those behind it.
// Does not detect a task that waits for itself: never call run() of the same Serial from inside its own task.

export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
