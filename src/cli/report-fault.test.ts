import { describe, expect, it } from "vitest";
import { UserError } from "../core/errors.ts";
import { reportFault } from "./report-fault.ts";
import { openTerminal } from "./terminal.ts";

function report(error: unknown, isJson: boolean) {
  let out = "";
  let err = "";
  const terminal = openTerminal({ write: (t) => (out += t) }, { write: (t) => (err += t) });
  const code = reportFault(error, terminal, { isJson });
  return { code, out, err };
}

describe("a command that fails", () => {
  it("says what a person can set right in one line, and ends with 2", () => {
    const told = report(new UserError("--since is not a time."), false);
    expect(told).toEqual({ code: 2, out: "", err: "--since is not a time.\n" });
  });

  it("shows the trace of a fault of ours, and ends with 1", () => {
    const { code, out, err } = report(new TypeError("x is undefined"), false);
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toMatch(/^Shodo broke\..*\nTypeError: x is undefined\n +at /);
  });

  it.each([
    [new UserError("--since is not a time."), 2],
    [new TypeError("x is undefined"), 1],
  ])("gives %o as one document to a reader of JSON", (error, exitCode) => {
    const { out } = report(error, true);
    expect(JSON.parse(out)).toEqual({ error: { exitCode, message: error.message } });
  });
});
