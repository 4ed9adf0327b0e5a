import {
  type McpServer,
  type ReadResourceResult,
  ResourceNotFoundError,
  ResourceTemplate,
} from "@modelcontextprotocol/server";
import type { IncidentEvent } from "../core/analyst.ts";
import type { Principal } from "../core/principal.ts";
import type { Report } from "../core/report.ts";
import { investigationPage } from "./app/page.ts";
import { cleanDeep, cleanText } from "./clean.ts";
import { completions } from "./completions.ts";
import { fenceDeep } from "./fence.ts";
import { wholeReport } from "./investigation/digest.ts";
import { incidentFacts } from "./investigation/get-investigation.ts";
import { standOf } from "./investigation/progress.ts";
import { viewUri } from "./investigation/show-investigation.ts";
import { mcpLimits } from "./limits.ts";
import type { McpParts } from "./parts.ts";
import { visibleIncident, visibleIncidents } from "./visible.ts";

/** Marks a page as an MCP App. */
const viewMimeType = "text/html;profile=mcp-app";
const reportCharsMax = 200_000;

/** Incidents with their reports and evidence, and the runbooks, as this caller may see them. */
export function registerResources(server: McpServer, parts: McpParts, caller: Principal): void {
  const complete = completions(parts, caller);
  const completeId = { id: (text: string) => complete("id", text) };
  server.registerResource(
    "incident",
    new ResourceTemplate("shodo://incidents/{id}", {
      list: () => listed(parts, caller),
      complete: completeId,
    }),
    { title: "Incident", description: "State, report or progress.", mimeType: "application/json" },
    async (uri, { id }) => {
      const incident = await seen(parts, caller, uri, id);
      const report = await parts.analyst.report(incident.id);
      const body = report
        ? { report: wholeReport(report) }
        : standOf(await parts.analyst.steps(incident.id, 0));
      return json(uri, { ...incidentFacts(incident, parts), ...body });
    },
  );
  server.registerResource(
    "report",
    new ResourceTemplate("shodo://incidents/{id}/report.md", {
      list: undefined,
      complete: completeId,
    }),
    { title: "Incident report", description: "As Markdown.", mimeType: "text/markdown" },
    async (uri, { id }) => {
      const report = await reportOf(parts, caller, uri, id);
      const text = cleanText(await parts.markdown(report), reportCharsMax);
      return { contents: [{ uri: uri.href, mimeType: "text/markdown", text }] };
    },
  );
  server.registerResource(
    "evidence",
    new ResourceTemplate("shodo://incidents/{id}/evidence/{n}", {
      list: undefined,
      complete: { ...completeId, n: (text, context) => evidenceIds(parts, caller, text, context) },
    }),
    { title: "Evidence", description: "One item with its query.", mimeType: "application/json" },
    async (uri, { id, n }) => {
      const report = await reportOf(parts, caller, uri, id);
      const wanted = /^E?(\d{1,5})$/.exec(String(n))?.[1];
      const item = report.evidence.find((candidate) => candidate.id === `E${wanted}`);
      if (!item) throw new ResourceNotFoundError(uri.href);
      return json(uri, item);
    },
  );
  registerRunbooks(server, parts, complete);
  registerView(server);
}

/** The page that hosts with MCP Apps show for show_investigation. */
function registerView(server: McpServer): void {
  const meta = { ui: { prefersBorder: false } };
  server.registerResource(
    "investigation-view",
    viewUri,
    { title: "Investigation view", mimeType: viewMimeType, _meta: meta },
    (uri) => ({
      contents: [{ uri: uri.href, mimeType: viewMimeType, text: investigationPage(), _meta: meta }],
    }),
  );
}

function registerRunbooks(
  server: McpServer,
  parts: McpParts,
  complete: ReturnType<typeof completions>,
): void {
  server.registerResource(
    "runbook",
    new ResourceTemplate("shodo://runbooks/{name}", {
      list: async () => ({
        resources: (await parts.runbooks()).map((runbook) => ({
          uri: `shodo://runbooks/${encodeURIComponent(runbook.name)}`,
          name: runbook.name,
          title: cleanText(runbook.title, 200),
          mimeType: "text/markdown",
        })),
      }),
      complete: { name: (text) => complete("runbook", text) },
    }),
    { title: "Runbook", description: "What experts do.", mimeType: "text/markdown" },
    async (uri, { name }) => {
      const runbook = (await parts.runbooks()).find((candidate) => candidate.name === name);
      if (!runbook) throw new ResourceNotFoundError(uri.href);
      const text = cleanText(runbook.body, reportCharsMax);
      return { contents: [{ uri: uri.href, mimeType: "text/markdown", text }] };
    },
  );
}

/** Addresses whose content an event changes. */
export function updatedUris(event: IncidentEvent): readonly string[] {
  if (event.kind === "draft") return [];
  const id = event.kind === "changed" ? event.incident.id : event.incident;
  const base = `shodo://incidents/${id}`;
  return event.kind === "report" ? [base, `${base}/report.md`] : [base];
}

async function listed(parts: McpParts, caller: Principal) {
  const limit = mcpLimits.incidentsPerPageMax;
  const { incidents } = await visibleIncidents(parts.analyst, caller, { limit });
  return {
    resources: incidents.map((incident) => ({
      uri: `shodo://incidents/${incident.id}`,
      name: incident.id,
      title: cleanText(incident.title, 200),
      mimeType: "application/json",
    })),
  };
}

async function seen(
  parts: McpParts,
  caller: Principal,
  uri: URL,
  id: string | string[] | undefined,
) {
  const incident = await visibleIncident(parts.analyst, String(id), caller);
  if (!incident) throw new ResourceNotFoundError(uri.href);
  return incident;
}

async function reportOf(
  parts: McpParts,
  caller: Principal,
  uri: URL,
  id: string | string[] | undefined,
): Promise<Report> {
  const incident = await seen(parts, caller, uri, id);
  const report = await parts.analyst.report(incident.id);
  if (!report) throw new ResourceNotFoundError(uri.href);
  return report;
}

async function evidenceIds(
  parts: McpParts,
  caller: Principal,
  text: string,
  context: { arguments?: Record<string, string> } | undefined,
): Promise<string[]> {
  const incident = await visibleIncident(parts.analyst, context?.arguments?.id ?? "", caller);
  const report = incident && (await parts.analyst.report(incident.id));
  const ids = report?.evidence.map((item) => item.id.slice(1)) ?? [];
  const wanted = text.replace(/^E/, "");
  return ids.filter((id) => id.startsWith(wanted)).slice(0, mcpLimits.completionsMax);
}

function json(uri: URL, value: unknown): ReadResourceResult {
  const text = JSON.stringify(fenceDeep(cleanDeep(value)));
  return { contents: [{ uri: uri.href, mimeType: "application/json", text }] };
}
