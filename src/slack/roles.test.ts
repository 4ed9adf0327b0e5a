import { describe, expect, it } from "vitest";
import { slackSettingsSchema } from "../core/slack-settings.ts";
import type { AuditEntry, AuditLog } from "../core/store.ts";
import { systemClock } from "../platform/clock.ts";
import { type PermissionName, wordsOf } from "./messages/words.ts";
import { Roles } from "./roles.ts";
import { usingStage, whisperTo } from "./testing/using-stage.ts";

const words = wordsOf("en");
const open = usingStage();

function rolesWith(roles: object, groups: Record<string, string[] | null> = {}) {
  const entries: AuditEntry[] = [];
  const audit: AuditLog = {
    append: async (entry) => void entries.push(entry),
    read: async () => [],
    verify: async () => ({ kind: "intact", entries: entries.length, head: "" }),
  };
  const made = new Roles({
    settings: slackSettingsSchema.parse({ roles }),
    directory: {
      nameOf: async (user) => user.toLowerCase(),
      groupMembers: async (group) => {
        const members = groups[group];
        if (!members) throw new Error("missing_scope");
        return members;
      },
    },
    audit,
    clock: systemClock,
  });
  const may = async (user: string, permission: PermissionName, isExternal = false) =>
    made.permit({ user, isExternal }, permission, { incident: "inc_1", words });
  return { may, entries };
}

describe("roles", () => {
  it("are closed when every list is empty, and say who can change that", async () => {
    const { may } = rolesWith({});
    for (const permission of ["view", "investigate", "acknowledge", "runbook"] as const) {
      const permit = await may("U0ANA0001", permission);
      expect(permit.kind).toBe("denied");
      if (permit.kind === "denied") expect(permit.message).toContain("the list is empty");
    }
  });

  it("come from users, groups or everyone, and include those below", async () => {
    const { may } = rolesWith(
      { viewer: { everyone: true }, responder: { groups: ["S1"] }, approver: { users: ["U0BEN"] } },
      { S1: ["U0ANA"] },
    );
    expect((await may("U0DAN", "view")).kind).toBe("allowed");
    expect((await may("U0DAN", "acknowledge")).kind).toBe("denied");
    expect((await may("U0ANA", "acknowledge")).kind).toBe("allowed");
    expect((await may("U0ANA", "runbook")).kind).toBe("denied");
    expect((await may("U0BEN", "acknowledge")).kind).toBe("allowed");
    expect((await may("U0BEN", "runbook")).kind).toBe("allowed");
  });

  it("stay closed when a group cannot be read, and say that", async () => {
    const { may } = rolesWith({ responder: { groups: ["S1"] } });
    const permit = await may("U0ANA", "acknowledge");
    expect(permit).toMatchObject({ kind: "denied" });
    if (permit.kind === "denied") expect(permit.message).toContain("could not check");
  });

  it("give nothing to people of other organisations unless they are named themselves", async () => {
    const { may } = rolesWith({ responder: { everyone: true, users: ["U0GUEST"] } });
    expect((await may("U0OTHER", "investigate", true)).kind).toBe("denied");
    expect((await may("U0GUEST", "investigate", true)).kind).toBe("allowed");
  });

  it("write every decision into the audit log", async () => {
    const { may, entries } = rolesWith({ responder: { users: ["U0ANA"] } });
    await may("U0ANA", "acknowledge");
    await may("U0BEN", "acknowledge");
    expect(entries.map((one) => [one.by, one.detail.verdict, one.incident])).toEqual([
      ["U0ANA", "allowed", "inc_1"],
      ["U0BEN", "denied", "inc_1"],
    ]);
  });

  it("are checked before anything starts", async () => {
    const stage = await open({ settings: { roles: {} } });
    await stage.double.user("U0ANA0001").mention("C0SHOP001", "what broke?");
    await whisperTo(stage, "U0ANA0001", "the list is empty");
    expect(stage.analyst.requests).toHaveLength(0);
  });
});
