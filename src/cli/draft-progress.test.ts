import { describe, expect, it } from "vitest";
import { draftProgress } from "./draft-progress.ts";
import { openTerminal } from "./terminal.ts";

/** What stderr got while a text of two sentences was written, and then another text. */
function shown(stderr: { isTTY?: boolean; columns?: number }): string {
  let err = "";
  const output = { ...stderr, write: (text: string) => (err += text) };
  const terminal = openTerminal({ write: () => {} }, output);
  const show = draftProgress(terminal);
  for (const text of ["First [E1].", "First [E1].", "First [E1]. Second [E2].", "Anew."])
    show(text);
  return err;
}

describe("a text that is being written", () => {
  it("stands in a log sentence by sentence, each once", () => {
    expect(shown({})).toBe("writing: First [E1].\nwriting: Second [E2].\nwriting: Anew.\n");
  });

  it("stands on the one line of a terminal as a whole", () => {
    expect(shown({ isTTY: true, columns: 80 })).toContain(
      "\r\u001b[2Kwriting: First [E1]. Second [E2].",
    );
  });
});
