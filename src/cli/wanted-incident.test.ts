import { describe, expect, it } from "vitest";
import type { Analyst } from "../core/analyst.ts";
import type { Incident } from "../core/incident.ts";
import type { Report } from "../core/report.ts";
import { wantedIncident } from "./wanted-incident.ts";

/** Incidents newest first, of which `reported` have a report. */
function analystWith(ids: readonly string[], reported: readonly string[]): Analyst {
  const incidents = ids.map((id) => ({ id }) as Incident);
  const has: Partial<Analyst> = {
    incident: async (id) => incidents.find((each) => each.id === id) ?? null,
    incidents: async () => incidents,
    report: async (id) => (reported.includes(id) ? ({ id } as Report) : null),
  };
  return has as Analyst;
}

describe("<incident>", () => {
  it("is taken by its id, whether it has a report or not", async () => {
    expect(await wantedIncident(analystWith(["b", "a"], ["a"]), "b")).toBe("b");
  });

  it("is by `last` the newest that has a report: what could not begin is passed over", async () => {
    expect(await wantedIncident(analystWith(["c", "b", "a"], ["b", "a"]), "last")).toBe("b");
  });

  it("is refused when it is not known", async () => {
    await expect(wantedIncident(analystWith(["a"], []), "x")).rejects.toThrowError(
      'There is no incident "x".',
    );
  });

  it("says where reports come from when there is none", async () => {
    await expect(wantedIncident(analystWith(["a"], []), "last")).rejects.toThrowError(
      "No incident has a report yet. shodo investigate makes one.",
    );
  });
});
