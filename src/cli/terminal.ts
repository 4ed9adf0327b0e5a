/** Where a command writes. Results go to stdout, everything else to stderr. */
export interface Terminal {
  readonly isInteractive: boolean;
  /** True when results are read on a screen rather than kept in a file or piped on. */
  readonly isScreen: boolean;
  /** A result: stdout. */
  print(text: string): void;
  /** A remark: stderr, one line. */
  say(text: string): void;
  /** The live progress line; a plain line per change when stderr is not a terminal. */
  progress(text: string): void;
  /** Takes the progress line away. */
  clearProgress(): void;
}

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** The terminal of this process; given streams in tests. */
export function openTerminal(stdout: Output, stderr: Output): Terminal {
  const isInteractive = stderr.isTTY === true;
  let shown = "";
  const clear = () => {
    if (isInteractive && shown) stderr.write("\r\u001b[2K");
    shown = "";
  };
  return {
    isInteractive,
    isScreen: stdout.isTTY === true,
    print(text) {
      clear();
      stdout.write(text.endsWith("\n") ? text : `${text}\n`);
    },
    say(text) {
      clear();
      stderr.write(`${text}\n`);
    },
    progress(text) {
      if (text === shown) return;
      if (isInteractive) {
        const width = Math.max(20, (stderr.columns ?? 80) - 1);
        const line = text.length > width ? `${text.slice(0, width - 1)}…` : text;
        stderr.write(`\r\u001b[2K${line}`);
      } else {
        stderr.write(`${text}\n`);
      }
      shown = text;
    },
    clearProgress: clear,
  };
}
