/** A client of the SDK, with what was opened beside it. */
interface Opened {
  readonly client: { destroy(): void };
}

/** The client of a source, loaded with its first question; what could not be loaded is tried again. */
export function lazyClient<T extends Opened>(open: () => Promise<T>) {
  let made: Promise<T> | null = null;
  return {
    get(): Promise<T> {
      made ??= open();
      made.catch(() => {
        made = null;
      });
      return made;
    },
    async close(): Promise<void> {
      const known = await made?.catch(() => null);
      known?.client.destroy();
      made = null;
    },
  };
}
