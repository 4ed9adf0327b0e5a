import { z } from "zod";
import type { Incident } from "../../core/incident.ts";
import { httpLimits } from "../limits.ts";
import { alarmLog } from "../pages/alarm-log.ts";
import { incidentList, states } from "../pages/incident-list.ts";
import { incidentStatus } from "../pages/incident-status.ts";
import { replayList, replayStep } from "../pages/replay.ts";
import { chartCache, reportPage } from "../pages/report-page.ts";
import type { Route, RouteContext } from "../route.ts";
import { notFound } from "./answers.ts";

const listQuery = z.object({
  state: z.enum(states as [string, ...string[]]).optional(),
  service: z.string().max(100).optional(),
  before: z.string().max(100).optional(),
  live: z.string().max(10).optional(),
});
const charts = chartCache();

const list: Route = {
  method: "GET",
  path: "/",
  access: "viewer",
  summary: "List of incidents",
  kind: "page",
  run: async (c) => {
    const { analyst } = c.get("parts");
    const given = Object.entries(c.req.query()).filter(([, value]) => value !== "");
    const query = listQuery.safeParse(Object.fromEntries(given));
    const { state, service, before, live } = query.success ? query.data : {};
    const chosen = states.find((item) => item === state) ?? null;
    const incidents = await analyst.incidents({
      limit: httpLimits.incidentsPerPage,
      ...(chosen ? { states: [chosen] } : {}),
      ...(service ? { service } : {}),
      ...(before ? { before } : {}),
    });
    const isPaged = before !== undefined;
    const principal = c.get("principal");
    const words = c.get("words");
    return c.html(
      incidentList({
        ...{ principal, words, incidents, isPaged, isLive: live !== undefined },
        ...{ state: chosen, service: service ?? null },
      }),
    );
  },
};

function reportRoute(path: string, isForPaper: boolean, summary: string): Route {
  return {
    method: "GET",
    path,
    access: "viewer",
    summary,
    kind: "page",
    run: withIncident(async (c, incident) => {
      const { analyst } = c.get("parts");
      const principal = c.get("principal");
      const report = await analyst.report(incident.id);
      if (!report) {
        const steps = await analyst.steps(incident.id, 0);
        const isLive = c.req.query("live") !== undefined;
        return c.html(incidentStatus({ incident, steps, isLive, ...reader(c) }));
      }
      const drawn = await charts(report).catch(() => ({ light: [], dark: [] }));
      return c.html(reportPage({ incident, report, charts: drawn, principal, isForPaper }));
    }),
  };
}

const replay: Route = {
  method: "GET",
  path: "/reports/:id/replay",
  access: "viewer",
  summary: "Steps of the investigation",
  kind: "page",
  run: withIncident(async (c, incident) => {
    const steps = await c.get("parts").analyst.steps(incident.id, 0);
    return c.html(replayList({ incident, steps, ...reader(c) }));
  }),
};

const replayOne: Route = {
  method: "GET",
  path: "/reports/:id/replay/:number",
  access: "viewer",
  summary: "One step of the investigation",
  kind: "page",
  run: withIncident(async (c, incident) => {
    const steps = await c.get("parts").analyst.steps(incident.id, 0);
    const index = steps.findIndex((step) => String(step.number) === c.req.param("number"));
    if (index < 0) return notFound(c, "step");
    return c.html(replayStep({ incident, steps, index, ...reader(c) }));
  }),
};

const alarms: Route = {
  method: "GET",
  path: "/reports/:id/alarms",
  access: "viewer",
  summary: "Alarms of an incident and why they belong to it",
  kind: "page",
  run: withIncident(async (c, incident) => {
    const { store } = c.get("parts");
    const log = await store.alarms.of({ incident: incident.id }, httpLimits.alarmsPerPage);
    return c.html(alarmLog({ incident, log, ...reader(c) }));
  }),
};

function reader(c: RouteContext) {
  return { principal: c.get("principal"), words: c.get("words") };
}

function withIncident(
  run: (c: RouteContext, incident: Incident) => Promise<Response>,
): Route["run"] {
  return async (c) => {
    const incident = await c.get("parts").analyst.incident(c.req.param("id") ?? "");
    return incident ? run(c, incident) : notFound(c, "incident");
  };
}

export const pageRoutes: readonly Route[] = [
  list,
  reportRoute("/reports/:id", false, "Report of an incident"),
  reportRoute("/reports/:id/print", true, "The report for paper or PDF, with everything open"),
  replay,
  replayOne,
  alarms,
];
