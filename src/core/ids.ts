/** The only way to make an id; `platform/ids.ts` has the real one. */
export interface Ids {
  /** Unguessable, sortable by time: `inc_01j…`. */
  next(prefix: string): string;
}
