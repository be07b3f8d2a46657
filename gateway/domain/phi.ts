/**
 * Text that may identify a patient. It cannot be printed, logged, serialised or put in an error by accident:
 * every such way out yields `[phi]`. Only `reveal` opens it, so each place that does can be found by name.
 */
export class Phi<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return SEALED;
  }

  toJSON(): string {
    return SEALED;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SEALED;
  }
}

const SEALED = '[phi]';
