import { describe, expect, it } from "vitest";
import { exitCodes } from "./command.ts";
import { commands } from "./commands/index.ts";
import { runProgram } from "./program.ts";
import type { Runtime } from "./runtime.ts";
import { openTerminal } from "./terminal.ts";

function run(...argv: string[]) {
  let out = "";
  let err = "";
  const terminal = openTerminal({ write: (t) => (out += t) }, { write: (t) => (err += t) });
  const runtime: Runtime = {
    version: "1.2.3",
    clock: { now: () => Date.UTC(2026, 0, 1) },
    demoIncidents: () => [{ name: "01-quiet-lake", folder: "/none", title: "orders fell" }],
    openAnalyst: () => Promise.reject(new Error("not opened in this test")),
    evaluate: () => Promise.resolve({ text: "scores", json: { cases: [] } }),
    exampleConfig: () => "language: en\n",
    replay: () => Promise.reject(new Error("not replayed in this test")),
    doctor: () => Promise.resolve({ text: "all well", isReady: true }),
    slackSetup: async () => "",
    awsSetup: async () => "sources: []\n",
    serveMcp: async () => {},
    newMcpToken: async () => ({ token: "", yaml: "" }),
    serve: async () => {},
    verifyAudit: async () => ({ isIntact: true, text: "intact", json: {} }),
    forget: async () => [],
    receive: () => Promise.reject(new Error("not asked here")),
    toolTable: () => Promise.resolve("look  12"),
  };
  const { signal } = new AbortController();
  return runProgram(argv, { runtime, terminal, signal }).then((code) => ({ code, out, err }));
}

describe("the command line", () => {
  it("shows help when nothing is asked, and ends well", async () => {
    const { code, out } = await run();
    expect(code).toBe(exitCodes.done);
    expect(out).toContain("Usage: shodo");
    expect(out).toContain("Exit codes: 0 done");
  });

  it("answers a misspelt command with the nearest one and exit code 2", async () => {
    const { code, err } = await run("investigat");
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain("Did you mean investigate?");
  });

  it("answers an unknown option with exit code 2 and the help to read", async () => {
    const { code, err } = await run("tools", "--loud");
    expect(code).toBe(exitCodes.usage);
    expect(err).toBe("error: unknown option '--loud'\nTry: shodo tools --help\n");
  });

  it("answers wrong usage with one document when one was asked for", async () => {
    const { code, out } = await run("eval", "--json", "suite", "--loud");
    expect(code).toBe(exitCodes.usage);
    expect(JSON.parse(out)).toEqual({
      error: { exitCode: 2, message: "unknown option '--loud'" },
    });
  });

  it.each(commands)("says how $name is used, and takes nothing else", async ({ name }) => {
    const { code, out } = await run(name, "--help");
    expect(code).toBe(exitCodes.done);
    expect(out).toMatch(new RegExp(`^Usage: shodo ${name} `));
    expect(await run(name, "--no-such-option")).toMatchObject({ code: exitCodes.usage, out: "" });
  });

  it("prints its version", async () => {
    expect((await run("--version")).out.trim()).toBe("1.2.3");
  });

  it("lists the recordings", async () => {
    expect((await run("demo", "--list")).out).toBe("01-quiet-lake  orders fell\n");
  });

  it.each([
    [["demo", "99"], 'There is no recording "99". shodo demo --list shows what there is.'],
    [["investigate", "src"], '"src" is a folder: to read it as a capture, say --capture src'],
    [["eval", "x", "--repeat", "0"], '--repeat "0" is not a whole number from 1 to 100.'],
    [["eval", "x", "--only", "some"], '--only "some" is not known. Use all, odd or even.'],
    [["investigate", "--language", "fr"], '--language "fr" is not known. Use en or ja.'],
    [["investigate", "--since", "soon"], '--since "soon" is not a time.'],
    [["investigate", "--until", "1h"], "--until needs --since as well"],
    [["investigate", "--since", "1h", "--until", "2h"], 'is not before --until "2h"'],
    [["ask", "last", " "], "The question is empty."],
    [["ask", "last", "why?", "--language", "fr"], '--language "fr" is not known. Use en or ja.'],
    [
      ["demo", "--out", "package.json"],
      '--out "package.json" cannot be written: a file of that name is in the way.',
    ],
    [
      ["demo", "--save-transcript", "no-such-folder/run.json"],
      '--save-transcript "no-such-folder/run.json" cannot be written: there is no such folder.',
    ],
    [
      ["demo", "--out", "package.json/deeper"],
      '--out "package.json/deeper" cannot be written: a file of that name is in the way.',
    ],
    [["investigate", "--capture", "nowhere"], '--capture "nowhere" is not a folder.'],
  ])("says what is wrong with %j", async (argv, message) => {
    await expect(run(...argv)).rejects.toThrowError(message);
  });

  it("keeps stdout for the result alone", async () => {
    const { out, err } = await run("eval", "suite", "--json");
    expect(JSON.parse(out)).toEqual({ cases: [] });
    expect(err).toBe("");
  });
});
