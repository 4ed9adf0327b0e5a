/** Safe to show to whoever asked; the message says what to do. */
export class UserError extends Error {
  readonly kind = "user";
}

/** A setting is wrong; the message names file, key and what is allowed. */
export class ConfigError extends Error {
  readonly kind = "config";
}

/** Another process is at it; the message says so to whoever asked. Later it may be free. */
export class BusyError extends Error {
  readonly kind = "busy";
}

/** Somebody else has this work now: whoever hears it writes nothing more. */
export class HandedOver extends Error {
  readonly kind = "handed-over";
}

/** Another system failed. A source turns it into a `failed` outcome at its edge. */
export class UpstreamError extends Error {
  readonly kind = "upstream";
  readonly retryable: boolean;
  constructor(message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable;
  }
}

/** The language model failed or answered what cannot be used. */
export class ModelError extends Error {
  readonly kind = "model";
  readonly retryable: boolean;
  constructor(message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable;
  }
}
