/**
 * The little that stores need of a database, so that each is written once for SQLite and Postgres.
 * Statements use `?` for values; JSON is text; times are epoch milliseconds.
 */
export interface Engine {
  readonly dialect: "sqlite" | "postgres";
  all(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /** Number of rows that were written. */
  run(sql: string, values?: readonly Value[]): Promise<number>;
  /**
   * All or nothing. `durable` means on disk when it returns, even if the machine loses power;
   * without it a commit survives the death of the process.
   */
  transaction<T>(
    options: { readonly durable: boolean },
    work: (inside: Engine) => Promise<T>,
  ): Promise<T>;
  /** Inside a transaction: waits until no other transaction holds the same name. */
  lock(name: string): Promise<void>;
  /** True for the fault of writing a row whose unique key exists. */
  isUniqueFault(fault: unknown): boolean;
  close(): Promise<void>;
}

export type Value = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, Value>>;

/** Throws when the column holds anything else, null included, as do `number` and `bytes`. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw new Error(`column ${column} holds no text`);
}

/** Null for a null or absent column; throws on another type. */
export function textOrNull(row: Row, column: string): string | null {
  return row[column] == null ? null : text(row, column);
}

/** Throws on a text: an engine must hand out 64-bit columns as numbers. */
export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === "number") return value;
  throw new Error(`column ${column} holds no number`);
}

/** Null for a null or absent column; throws on another type. */
export function numberOrNull(row: Row, column: string): number | null {
  return row[column] == null ? null : number(row, column);
}

/** Throws on anything else; a `Buffer` is one. */
export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (value instanceof Uint8Array) return value;
  throw new Error(`column ${column} holds no bytes`);
}

/** Reads what `toJson` wrote; the store trusts its own writing. */
export function fromJson<T>(row: Row, column: string): T {
  return JSON.parse(text(row, column)) as T;
}

/** `?, ?, ?` */
export function marks(count: number): string {
  return new Array<string>(count).fill("?").join(", ");
}
