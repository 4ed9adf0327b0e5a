import type { CallOutcome } from "../../core/analyst.ts";
import type { Regroup } from "../../core/regroup.ts";
import { regroup } from "../regroup.ts";
import type { Route, RouteContext } from "../route.ts";
import { afterForm, messagePage } from "./answers.ts";

type Act = (c: RouteContext, id: string, form: FormData) => Promise<CallOutcome>;

function form(
  action: string,
  access: Route["access"],
  summary: string,
  act: Act,
  back: (id: string) => string = (id) => `/reports/${id}`,
): Route {
  return {
    method: "POST",
    path: `/reports/:id/${action}`,
    access,
    summary,
    kind: "page",
    run: async (c) => {
      const id = c.req.param("id") ?? "";
      return afterForm(c, await act(c, id, await c.req.formData()), back(id));
    },
  };
}

const cancel = form("cancel", "responder", "Stop the investigation", (c, id) =>
  c.get("parts").analyst.cancel(id, c.get("principal")),
);

const acknowledge = form("acknowledge", "responder", "Take the incident on", (c, id) =>
  c.get("parts").analyst.acknowledge(id, c.get("principal")),
);

const feedback = form("feedback", "viewer", "Say whether the report helped", (c, id, given) => {
  const verdict = given.get("verdict") === "helpful" ? "helpful" : "not-helpful";
  const reason = String(given.get("reason") ?? "")
    .trim()
    .slice(0, 500);
  return c.get("parts").analyst.feedback(id, verdict, reason || null, c.get("principal"));
});

/** Grouping does it within a second; until then the page says so. */
function regroupForm(
  action: "merge" | "split",
  summary: string,
  ask: (id: string, given: FormData) => Regroup | null,
): Route {
  return {
    method: "POST",
    path: `/reports/:id/${action}`,
    access: "responder",
    summary,
    kind: "page",
    run: async (c) => {
      const id = c.req.param("id") ?? "";
      const back = `/reports/${id}/alarms`;
      const words = c.get("words");
      const asked = ask(id, await c.req.formData());
      if (!asked) return messagePage(c, 400, "not-done.title", words.say("not-done.nothing"), back);
      await regroup(c.get("parts"), asked, c.get("principal"));
      return messagePage(c, 202, "on-its-way.title", words.say("on-its-way.text"), back);
    },
  };
}

const merge = regroupForm("merge", "This is the same problem as another incident", (id, given) => {
  const into = String(given.get("into") ?? "").trim();
  return into === "" || into === id ? null : { kind: "merge", incident: id, into };
});

const split = regroupForm("split", "These alarms are another problem", (id, given) => {
  const fingerprints = given.getAll("fingerprint").map(String);
  return fingerprints.length === 0 ? null : { kind: "split", incident: id, fingerprints };
});

export const formRoutes: readonly Route[] = [cancel, acknowledge, feedback, merge, split];
