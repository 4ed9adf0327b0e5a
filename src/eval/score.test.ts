import { describe, expect, it } from "vitest";
import { truthSchema } from "../core/capture.ts";
import type { Report } from "../core/report.ts";
import { jaccard, scoreMissing, scoreReport } from "./score.ts";

type Cause = Partial<Report["rootCauses"][number]>;

/** What a score looks at in a report, and nothing else. */
function report(causes: readonly Cause[], more: Partial<Report> = {}): Report {
  const rootCauses = causes.map((cause) => ({
    service: null,
    resource: null,
    change: null,
    ...cause,
  }));
  const rest = { conclusion: "likely", confidence: 0.8, firstFailing: null, blastRadius: [] };
  return { ...rest, actions: [], priority: { level: "P1" }, ...more, rootCauses } as never;
}

const change = (ref: string) => ({ ref, kind: "commit", service: "cart", title: "" });
const truth = (more: object) => truthSchema.parse({ services: ["cart"], ...more });

describe("the score of a report", () => {
  it("is the place of the first acceptable service, each service counted once", () => {
    const causes = [{ service: "web" }, { service: "web" }, { service: "Cart " }];
    const { serviceRank, isRight } = scoreReport(report(causes), truth({}));
    expect({ serviceRank, isRight }).toEqual({ serviceRank: 2, isRight: false });
  });

  it("gives no place to a report that says that nothing is wrong", () => {
    const silent = report([{ service: "cart" }], { conclusion: "no-incident" });
    expect(scoreReport(silent, truth({}))).toMatchObject({ serviceRank: null, isRight: false });
  });

  it.each(["healthy", "false-alarm"])("is right about a %s case that nothing is wrong", (kind) => {
    const calm = report([], { conclusion: "no-incident" });
    const none = truth({ kind, services: [] });
    expect(scoreReport(calm, none).isRight).toBe(true);
    expect(scoreReport(report([{ service: "cart" }]), none).isRight).toBe(false);
  });

  it("wants no service where the truth of a fault names none", () => {
    const outside = truth({ services: [] });
    expect(scoreReport(report([{ service: null }]), outside).isRight).toBe(true);
    expect(scoreReport(report([{ service: "cart" }]), outside).isRight).toBe(false);
  });

  it.each([
    ["the guilty one", ["abc1234"], "abc1234", true],
    ["its short form", ["abc1234def5678"], "abc1234", true],
    ["a form too short to tell", ["abc1234"], "abc", false],
    ["another one", ["abc1234"], "fff0000", false],
    ["none where one is guilty", ["abc1234"], null, false],
    ["none where none is guilty", [], null, true],
    ["one where none is guilty", [], "abc1234", false],
  ])("judges the change that is blamed: %s", (_, changes, blamed, isExact) => {
    const cause = { service: "cart", change: blamed === null ? null : change(blamed) };
    expect(scoreReport(report([cause]), truth({ changes })).changeExact).toBe(isExact);
  });

  it("says nothing of what the truth does not speak of", () => {
    const score = scoreReport(report([{ service: "cart" }]), truth({}));
    const { changeExact, blastRadiusJaccard, remediation, priority } = score;
    expect([changeExact, blastRadiusJaccard, remediation, priority]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it("notices a decoy that is blamed, and a wrong cause that is stated with confidence", () => {
    const cause = { service: "web", change: change("deploy-7") };
    const score = scoreReport(
      report([cause], { confidence: 0.71 }),
      truth({ decoys: ["deploy-7"] }),
    );
    expect(score).toMatchObject({ decoyBlamed: true, isConfidentlyWrong: true });
    const unsure = scoreReport(report([cause], { confidence: 0.7 }), truth({}));
    expect(unsure.isConfidentlyWrong).toBe(false);
  });

  it("is wrong in everything the truth speaks of when there is no report", () => {
    const score = scoreMissing(truth({ changes: [], blastRadius: ["web"], priority: "P1" }));
    expect(score).toMatchObject({
      hasService: true,
      serviceRank: null,
      changeExact: false,
      blastRadiusJaccard: 0,
      remediation: null,
      priority: false,
      isRight: false,
    });
  });
});

describe("Jaccard's index", () => {
  it.each([
    [[], [], 1],
    [["a"], [], 0],
    [["a", "b"], ["B", "c"], 1 / 3],
    [["a", "a"], ["a"], 1],
  ])("of %j and %j is %d", (a, b, expected) => {
    expect(jaccard(a, b)).toBeCloseTo(expected);
  });
});
