import type { Terminal } from "./terminal.ts";

/** Of a text that is being written, its end: the newest words. */
const tailChars = 200;

/**
 * Shows a text while it is written; it is given whole each time. A terminal's one line shows its
 * end, over and over; in a log each sentence stands once.
 */
export function draftProgress(terminal: Terminal): (text: string) => void {
  let written = 0;
  return (text) => {
    const since = text.length < written ? 0 : written;
    const from = terminal.isInteractive ? Math.max(0, text.length - tailChars) : since;
    written = text.length;
    const shown = text.slice(from).trim();
    if (shown) terminal.progress(`writing: ${shown}`);
  };
}
