import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "./config.ts";

function configFile(text: string): { cwd: string } {
  const cwd = mkdtempSync(join(tmpdir(), "shodo-config-"));
  writeFileSync(join(cwd, "shodo.yaml"), text);
  return { cwd };
}

describe("configuration", () => {
  it("needs neither a file nor variables", () => {
    const cwd = mkdtempSync(join(tmpdir(), "shodo-config-"));
    const config = loadConfig({ cwd, environment: {} });
    expect(config).toMatchObject({ file: null, language: "en", sources: [] });
    expect(config.model.name).toBe("builtin");
    expect(config.budget.toolCalls).toBe(40);
  });

  it("reports every fault at once, each with file, key and what is allowed", () => {
    const { cwd } = configFile("langage: en\nlanguage: fr\nbudget:\n  seconds: -1\n");
    const environment = { OPENAI_BASE_URL: "not a url" };
    expect(() => loadConfig({ cwd, environment })).toThrowError(/4 faults/);
    try {
      loadConfig({ cwd, environment });
    } catch (error) {
      const message = (error as Error).message.replaceAll(cwd, "<cwd>");
      expect(message).toMatchInlineSnapshot(`
        "The configuration has 4 faults:
          environment: OPENAI_BASE_URL: Invalid URL
          <cwd>/shodo.yaml: language: Invalid option: expected one of "en"|"ja"
          <cwd>/shodo.yaml: budget.seconds: Too small: expected number to be >0
          <cwd>/shodo.yaml: Unrecognized key: "langage""
      `);
    }
  });

  it("lets a variable win over the file, and a blank variable mean nothing", () => {
    const { cwd } = configFile("model:\n  name: openai:file\n");
    expect(loadConfig({ cwd, environment: { SHODO_MODEL: "openai:env" } }).model.name).toBe(
      "openai:env",
    );
    expect(loadConfig({ cwd, environment: { SHODO_MODEL: "" } }).model.name).toBe("openai:file");
  });

  it("reads the settings from SHODO_YAML where no file can be put, unless one is named", () => {
    const { cwd } = configFile("language: ja\n");
    const environment = { SHODO_YAML: '{"budget": {"toolCalls": 7}}' };
    const config = loadConfig({ cwd, environment });
    expect(config).toMatchObject({ file: "SHODO_YAML", language: "en", budget: { toolCalls: 7 } });
    const named = loadConfig({ cwd, file: "shodo.yaml", environment });
    expect(named).toMatchObject({ language: "ja", budget: { toolCalls: 40 } });
    const broken = { SHODO_YAML: "langage: en" };
    expect(() => loadConfig({ cwd, environment: broken })).toThrowError(/SHODO_YAML: Unrecogn/);
  });

  it("names a missing file and the way to correct it", () => {
    expect(() => loadConfig({ file: "none.yaml", cwd: tmpdir(), environment: {} })).toThrowError(
      /none\.yaml: there is no such file; correct --config or SHODO_CONFIG/,
    );
  });

  it("finds the team's runbook folders from where the file lies", () => {
    const { cwd } = configFile("runbooks: [team/runbooks, /srv/runbooks]\n");
    const config = loadConfig({ cwd, environment: {} });
    expect(config.runbooks).toEqual([join(cwd, "team/runbooks"), "/srv/runbooks"]);
  });

  it("says where YAML is broken", () => {
    const { cwd } = configFile("a: [1\nb: 2");
    expect(() => loadConfig({ cwd, environment: {} })).toThrowError(/not readable YAML/);
  });

  it("accepts the example that shodo init writes, as it is", () => {
    const file = join(import.meta.dirname, "..", "infra", "shodo.example.yaml");
    const config = loadConfig({ file, cwd: tmpdir(), environment: {} });
    expect(config.budget.toolCalls).toBe(40);
    expect(config.priority).toEqual({
      ...{ userFacing: [], regulated: [], secondary: [] },
      ...{ peakHours: [], securityAlarms: [] },
    });
  });

  it("keeps state in SHODO_HOME", () => {
    const cwd = mkdtempSync(join(tmpdir(), "shodo-config-"));
    expect(loadConfig({ cwd, environment: { SHODO_HOME: "state" } }).home).toBe(join(cwd, "state"));
  });
});
