/** A message as it came over HTTP; header names are lower case. */
export interface IncomingMessage {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the sender hears. */
export interface DoorAnswer {
  readonly status: 200 | 202 | 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 503;
  /** One sentence; holds nothing of what was sent. */
  readonly message: string;
  readonly accepted: number;
  readonly duplicates: number;
}

/** Where alarms come in. A 2xx means that everything in the message is on disk. */
export interface AlarmDoor {
  /** Paths below `/alarms/` that have a sender. */
  readonly paths: readonly string[];
  /** Largest body that is looked at, in bytes. */
  readonly bytesMax: number;
  receive(path: string, message: IncomingMessage): Promise<DoorAnswer>;
  /** For the face: a body that was cut off at `bytesMax`. */
  refuseOversized(path: string, bytes: number): Promise<DoorAnswer>;
}

/** Messages of a queue that keeps them until they are deleted. */
export interface AlarmQueue {
  readonly name: string;
  receive(signal: AbortSignal): Promise<readonly QueuedMessage[]>;
  remove(receipts: readonly string[]): Promise<void>;
  close(): void;
}

export interface QueuedMessage {
  readonly id: string;
  readonly receipt: string;
  readonly body: string;
}
