import { describe, expect, it } from "vitest";
import { type Role, roles } from "../core/principal.ts";
import { joined, sampleIncident, sampleReport, sampleStep } from "../store/testing/samples.ts";
import { httpApp } from "./app.ts";
import type { Route } from "./route.ts";
import { bearer, openHttp } from "./testing/open-http.ts";

const escapeSign = String.fromCharCode(27);
const evil = `<script>alert(1)</script><img src=x onerror=alert(2)> "quoted' ${escapeSign}[31m`;

async function open(...given: Parameters<typeof openHttp>) {
  const opened = await openHttp(...given);
  const face = httpApp(opened.parts);
  const { store } = opened;
  await store.incidents.put(
    sampleIncident("inc_1", { title: evil, service: evil, alarms: [joined("fp_1", 3)] }),
  );
  const get = (path: string, headers: Record<string, string> = {}) =>
    face.app.request(path, { headers });
  const post = (path: string, body: string | FormData, headers: Record<string, string> = {}) =>
    face.app.request(path, { method: "POST", body, headers });
  return { ...opened, ...face, get, post };
}

const path = (route: Route) =>
  route.path
    .replace(":id", "inc_1")
    .replace(":number", "1")
    .replace(":evidence", "E1")
    .replace(":sender{.+}", "test");

describe("every route", () => {
  it("says who may use it, and nothing answers that is not in the table", async () => {
    const { app, routes } = await open();
    expect(routes.length).toBeGreaterThan(20);
    const known = new Set(routes.map((route) => `${route.method} ${route.path}`));
    const registered = app.routes.filter((route) => route.method !== "ALL");
    expect(registered.map((route) => `${route.method} ${route.path}`).sort()).toEqual(
      [...known].sort(),
    );
    const allowed = [...roles, "public", "sender"];
    expect(routes.filter((route) => !allowed.includes(route.access))).toEqual([]);
  });

  it("is closed to strangers, unless it is on this list", async () => {
    const { app, routes } = await open();
    const openToAll: string[] = [];
    for (const route of routes) {
      const answer = await app.request(path(route), { method: route.method });
      const isClosed =
        route.kind === "page"
          ? answer.status === 303 && answer.headers.get("location") === "/sign-in"
          : answer.status === 401;
      if (!isClosed) openToAll.push(`${route.method} ${route.path} ${route.access}`);
    }
    expect(openToAll.sort()).toMatchInlineSnapshot(`
      [
        "GET /api/openapi.json public",
        "GET /healthz public",
        "GET /readyz public",
        "GET /sign-in public",
        "POST /alarms/:sender{.+} sender",
        "POST /sign-in public",
      ]
    `);
  });

  it("is closed to every role below its own", async () => {
    const { app, routes } = await open();
    let tried = 0;
    for (const route of routes) {
      const { access } = route;
      if (access === "public" || access === "sender") continue;
      for (const role of roles.slice(0, roles.indexOf(access))) {
        const answer = await app.request(path(route), {
          method: route.method,
          headers: bearer(role),
        });
        expect([route.path, role, answer.status]).toEqual([route.path, role, 403]);
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(3);
  });

  it("sends a policy that lets no script run and nothing load from elsewhere", async () => {
    const { get } = await open();
    for (const at of ["/", "/sign-in", "/reports/inc_1", "/nowhere", "/api/incidents"]) {
      const answer = await get(at, bearer("viewer"));
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|script-src|https:|\*/);
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      const text = await answer.text();
      expect(text).not.toContain(escapeSign);
      if (!answer.headers.get("content-type")?.startsWith("text/html")) continue;
      expect(text).not.toMatch(/<script|<img src=x| style="/i);
    }
  });
});

describe("pages", () => {
  it("list incidents, filtered and by page", async () => {
    const { get, store } = await open();
    const viewer = bearer("viewer");
    for (let n = 10; n < 75; n += 1) {
      await store.incidents.put(sampleIncident(`inc_${n}`, { service: "web", openedAt: n }));
    }
    const first = await (await get("/?service=web", viewer)).text();
    expect(first.match(/<tr>/g)).toHaveLength(51);
    const next = /href="(\/\?before=[^"]+)"/.exec(first)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const second = await (await get(next, viewer)).text();
    expect(second.match(/<tr>/g)).toHaveLength(16);
    expect(await (await get("/?state=failed", viewer)).text()).toContain(
      "There is no such incident",
    );
    expect((await get("/?state=nonsense", viewer)).status).toBe(200);
  });

  it("show what is known before there is a report, and then the report", async () => {
    const { get, store } = await open();
    const viewer = bearer("viewer");
    const run = { state: "investigating", investigation: "run_1" } as const;
    await store.incidents.update("inc_1", (incident) => ({ ...incident, ...run }));
    await store.steps.append("run_1", [sampleStep(1, "looked at latency")]);
    const before = await (await get("/reports/inc_1", viewer)).text();
    expect(before).toContain("The investigation is running");
    expect(before).toContain("looked at latency");
    expect(before).not.toContain('http-equiv="refresh"');
    expect(before).toContain('href="/reports/inc_1?live=1"');
    const followed = await (await get("/reports/inc_1?live=1", viewer)).text();
    expect(followed).toContain('http-equiv="refresh"');
    expect(followed).toContain("Stop renewing this page");
    expect(before).not.toContain("Stop the investigation");
    const asResponder = await get("/reports/inc_1", bearer("responder"));
    expect(await asResponder.text()).toContain("Stop the investigation");
    await store.reports.put("inc_1", "run_1", sampleReport("rep_1"));
    const after = await (await get("/reports/inc_1", viewer)).text();
    expect(after).toContain("Checkout answers slowly");
    expect(after).toContain('href="/reports/inc_1/replay"');
    expect((await get("/reports/inc_9", viewer)).status).toBe(404);
  });

  it.each([
    ["ja,en;q=0.8", "ja", "インシデント一覧"],
    ["en-GB,ja;q=0.9", "en", "Incidents"],
    ["fr, ja-JP;q=0.5", "ja", "インシデント一覧"],
    ["fr;q=1, de", "en", "Incidents"],
    ["ja;q=0", "en", "Incidents"],
    [";;q=,,\u00e9=", "en", "Incidents"],
  ])("answer Accept-Language: %s in %s", async (header, language, heading) => {
    const { get } = await open();
    const html = await (await get("/", { ...bearer("viewer"), "accept-language": header })).text();
    expect(html).toContain(`<html lang="${language}">`);
    expect(html).toContain(`<h1>${heading}</h1>`);
  });

  it("speak the language that was set, whatever the browser likes; a report's page speaks its own", async () => {
    const { get, store } = await open({ language: "ja" });
    const headers = { ...bearer("responder"), "accept-language": "en" };
    await store.incidents.update("inc_1", (i) => ({ ...i, investigation: "run_1" }));
    await store.steps.append("run_1", [sampleStep(1, "one")]);
    const pages = ["/", "/reports/inc_1/alarms", "/reports/inc_1/replay/1", "/nowhere"];
    const html = await Promise.all(pages.map(async (at) => (await get(at, headers)).text()));
    for (const text of html) expect(text).toContain('<html lang="ja">');
    expect(html[1]).toContain("このインシデントに入る理由");
    expect(html[2]).toContain("ステップ 1 / 1");
    expect(html[3]).toContain("このページはありません。");
    await store.reports.put("inc_1", "run_1", sampleReport("rep_1"));
    expect(await (await get("/reports/inc_1", headers)).text()).toContain(">Helpful<");
    await store.reports.put("inc_1", "run_2", { ...sampleReport("rep_2"), language: "ja" });
    expect(await (await get("/reports/inc_1", headers)).text()).toContain(">役に立った<");
  });

  it("replay an investigation step by step, without a script", async () => {
    const { get, store } = await open();
    const viewer = bearer("viewer");
    await store.incidents.update("inc_1", (i) => ({ ...i, investigation: "run_1" }));
    await store.steps.append("run_1", [sampleStep(1, "one"), sampleStep(2, `two ${evil}`)]);
    const first = await (await get("/reports/inc_1/replay/1", viewer)).text();
    expect(first).toContain('rel="next"');
    expect(first).not.toContain('rel="prev"');
    const second = await (await get("/reports/inc_1/replay/2", viewer)).text();
    expect(second).toContain("Step 2 of 2");
    expect(second).toContain("&lt;script&gt;");
    expect((await get("/reports/inc_1/replay/3", viewer)).status).toBe(404);
  });

  it("let a person split and merge, by a job and with a trace", async () => {
    const { get, post, store } = await open();
    const responder = bearer("responder");
    expect(await (await get("/reports/inc_1/alarms", responder)).text()).toContain("fp_1");
    const form = new FormData();
    form.set("fingerprint", "fp_1");
    expect((await post("/reports/inc_1/split", form, responder)).status).toBe(202);
    const into = new FormData();
    into.set("into", "inc_2");
    expect((await post("/reports/inc_1/merge", into, responder)).status).toBe(202);
    expect((await post("/reports/inc_1/split", new FormData(), responder)).status).toBe(400);
    const jobs = await store.jobs.list("ready", 5);
    expect(jobs.map((job) => job.payload)).toEqual([
      { kind: "split", incident: "inc_1", fingerprints: ["fp_1"] },
      { kind: "merge", incident: "inc_1", into: "inc_2" },
    ]);
    const audit = await store.audit.read(0, 5);
    expect(audit.map(({ event, by }) => [event, by])).toEqual([
      ["incident-split", "the-responder"],
      ["incident-merge", "the-responder"],
    ]);
  });

  it("refuse a form that stands on another site", async () => {
    const { post } = await open();
    const form = () => new FormData();
    const at = "/reports/inc_1/acknowledge";
    const responder = bearer("responder");
    const elsewhere = { ...responder, origin: "https://evil.example" };
    expect((await post(at, form(), elsewhere)).status).toBe(403);
    const crossSite = { ...responder, "sec-fetch-site": "cross-site" };
    expect((await post(at, form(), crossSite)).status).toBe(403);
    expect((await post(at, form(), { ...responder, origin: "http://localhost" })).status).toBe(303);
  });
});

describe("signing in", () => {
  const link = async (opened: Awaited<ReturnType<typeof open>>, claims: object = {}) =>
    opened.signer.sign(
      {
        ...{ sub: "U1", name: "Mari", role: "responder" as Role, use: "link", serial: "s1" },
        ...{ once: true, to: "/reports/inc_1" },
        ...claims,
      } as Parameters<typeof opened.signer.sign>[0],
      1,
    );
  const enter = (opened: Awaited<ReturnType<typeof open>>, token: string) => {
    const form = new FormData();
    form.set("token", token);
    return opened.post("/sign-in", form);
  };

  it("by link lets one person in, once, with a button", async () => {
    const opened = await open();
    const token = await link(opened);
    const preview = await opened.get(`/sign-in?token=${token}`);
    expect(preview.headers.get("set-cookie")).toBeNull();
    expect(await preview.text()).toContain("<button");
    const answer = await enter(opened, token);
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/reports/inc_1"]);
    const cookie = answer.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    const page = await opened.get("/", { cookie: cookie.split(";")[0] ?? "" });
    expect(await page.text()).toContain("Mari (responder)");
    expect((await enter(opened, token)).status).toBe(401);
  });

  it("refuses old links, links made elsewhere, and sessions as links", async () => {
    const opened = await open();
    const token = await link(opened);
    opened.pass(2 * 3_600_000);
    expect((await enter(opened, token)).status).toBe(401);
    expect((await enter(opened, `${token}x`)).status).toBe(401);
    const session = await link(opened, { use: "session" });
    expect((await enter(opened, session)).status).toBe(401);
    const cookie = `shodo_session=${await link(opened)}`;
    expect((await opened.get("/", { cookie })).status).toBe(303);
  });

  it("never leads to another site", async () => {
    const opened = await open();
    for (const to of ["//evil.example", "https://evil.example", "/\\evil.example", "/a?b=//c"]) {
      const token = await link(opened, { to, serial: to });
      expect((await enter(opened, token)).headers.get("location")).toBe("/");
    }
  });

  it("is not needed on this machine, unless the server is reached through a name", async () => {
    const local = await open({ localRole: "admin" });
    expect((await local.get("/", { host: "localhost:7331" })).status).toBe(303);
  });
});

describe("the API", () => {
  it("describes itself", async () => {
    const { get } = await open();
    const described = (await (await get("/api/openapi.json")).json()) as {
      paths: Record<string, Record<string, { description: string }>>;
    };
    const lines = Object.entries(described.paths).flatMap(([at, methods]) =>
      Object.entries(methods).map(([method, { description }]) => `${method} ${at}: ${description}`),
    );
    expect(lines).toMatchInlineSnapshot(`
      [
        "get /api/incidents: Needs the role viewer.",
        "post /api/incidents: Needs the role responder.",
        "get /api/incidents/{id}: Needs the role viewer.",
        "delete /api/incidents/{id}: Needs the role admin.",
        "get /api/incidents/{id}/report: Needs the role viewer.",
        "get /api/incidents/{id}/evidence/{evidence}: Needs the role viewer.",
        "get /api/incidents/{id}/steps: Needs the role viewer.",
        "post /api/incidents/{id}/cancel: Needs the role responder.",
        "post /api/incidents/{id}/feedback: Needs the role viewer.",
        "post /api/regroup: Needs the role responder.",
        "post /api/people/forget: Needs the role admin.",
        "get /api/dead-letters: Needs the role admin.",
        "post /api/dead-letters/{id}/revive: Needs the role admin.",
        "get /api/openapi.json: Open to everyone.",
      ]
    `);
    expect(JSON.stringify(described)).toContain('"idempotencyKey"');
  });

  it("gives incidents, reports and evidence, and says what is wrong", async () => {
    const { get, post, store } = await open();
    const viewer = bearer("viewer");
    await store.reports.put("inc_1", "run_1", sampleReport("rep_1"));
    const list = (await (await get("/api/incidents", viewer)).json()) as { incidents: unknown[] };
    expect(list.incidents).toMatchObject([{ id: "inc_1", alarms: 3, priority: null }]);
    const report = await (await get("/api/incidents/inc_1/report", viewer)).json();
    expect(report).toMatchObject({ id: "rep_1", conclusion: "likely" });
    expect(await (await get("/api/incidents/inc_1/evidence/E9", viewer)).json()).toEqual({
      error: { code: "not-found", message: "There is no such evidence." },
    });
    const wrong = await post("/api/incidents", "{}", bearer("responder"));
    expect([wrong.status, await wrong.json()]).toEqual([
      400,
      { error: { code: "invalid", message: expect.stringContaining("question") } },
    ]);
  });

  it("forgets an incident and a person on request of an administrator, and says so", async () => {
    const { app, store, post, parts } = await open();
    const cancel = async (id: string) => {
      await store.incidents.update(id, (before) => ({ ...before, state: "cancelled" }));
      return { kind: "done" as const };
    };
    Object.assign(parts.analyst, { cancel });
    await store.reports.put("inc_1", "run_1", sampleReport("rep_1"));
    const remove = (id: string) =>
      app.request(`/api/incidents/${id}`, { method: "DELETE", headers: bearer("admin") });
    const stopped = await remove("inc_1");
    expect(stopped.status).toBe(200);
    expect(await stopped.json()).toMatchObject({ removed: { incidents: 1, reports: 1 } });
    expect(await store.incidents.get("inc_1")).toBeNull();
    expect((await remove("inc_1")).status).toBe(404);
    const person = await post("/api/people/forget", '{"id":"U1"}', bearer("admin"));
    expect(await person.json()).toMatchObject({ removed: { people: 0 } });
    expect((await post("/api/people/forget", '{"who":1}', bearer("admin"))).status).toBe(400);
    const log = await store.audit.read(0, 10);
    expect(log.map(({ event, by, incident }) => [event, by, incident])).toEqual([
      ["incident-forget", "the-admin", "inc_1"],
      ["person-forget", "the-admin", null],
    ]);
    expect(JSON.stringify(log)).not.toContain("U1");
  });

  it("shows an administrator what was given up, and tries it again", async () => {
    const { get, post, store } = await open();
    const job = { kind: "notify", key: "k", exclusive: null, priority: 1, payload: {} };
    await store.jobs.enqueue({ ...job, attemptsMax: 1, runAt: 0 });
    const leased = await store.jobs.lease({ worker: "w", kinds: ["notify"], leaseMs: 1_000 });
    await store.jobs.fail(leased?.id ?? "", "w", "it answered 500", null);
    const dead = (await (await get("/api/dead-letters", bearer("admin"))).json()) as {
      jobs: { id: string }[];
    };
    expect(dead.jobs).toMatchObject([{ kind: "notify", key: "k", lastError: "it answered 500" }]);
    const path = `/api/dead-letters/${dead.jobs[0]?.id}/revive`;
    expect((await post(path, "", bearer("admin"))).status).toBe(200);
    expect((await post(path, "", bearer("admin"))).status).toBe(404);
    expect(await store.jobs.list("ready", 5)).toHaveLength(1);
    expect(await store.audit.read(0, 5)).toMatchObject([{ event: "job-revive" }]);
  });

  it("starts an investigation once per key", async () => {
    const requests: unknown[] = [];
    const { post } = await open(
      {},
      {
        start: async (request) => {
          requests.push(request);
          return sampleIncident("inc_7");
        },
      },
    );
    const body = JSON.stringify({ question: "why is checkout slow?", idempotencyKey: "k" });
    const answer = await post("/api/incidents", body, bearer("responder"));
    expect([answer.status, answer.headers.get("location")]).toEqual([201, "/api/incidents/inc_7"]);
    expect(requests).toMatchObject([{ idempotencyKey: "http:the-responder:k" }]);
  });
});

describe("for machines", () => {
  it("tells life, readiness and metrics", async () => {
    const { get, store } = await open({ publicMetrics: true });
    expect((await get("/healthz")).status).toBe(200);
    expect((await get("/readyz")).status).toBe(200);
    const metrics = await (await get("/metrics")).text();
    expect(metrics).toContain('shodo_alarms{disposition="pending"} 0');
    expect(metrics).toContain("# TYPE shodo_workers gauge\nshodo_workers 2\n");
    await store.close();
    expect((await get("/readyz")).status).toBe(503);
    expect((await get("/healthz")).status).toBe(200);
  });

  it("takes alarms, and refuses those that are too large before reading them", async () => {
    const { post } = await open();
    expect(await (await post("/alarms/test", "hello")).json()).toMatchObject({ message: "hello" });
    expect((await post("/alarms/webhook/unknown", "x")).status).toBe(404);
    expect((await post("/alarms/test", "x".repeat(2_000))).status).toBe(413);
  });

  it("slows down whoever asks too often, each caller for himself", async () => {
    const { get } = await open({ rate: { burst: 3, perSecond: 1 } });
    const statuses = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await get("/", bearer("viewer"))).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect((await get("/", bearer("admin"))).status).toBe(200);
    const refused = await get("/", bearer("viewer"));
    expect(refused.headers.get("retry-after")).toBe("1");
  });

  it("tells strangers behind a balancer apart by what the balancer saw, not by what they say", async () => {
    const { get } = await open({ rate: { burst: 1, perSecond: 1 }, proxies: 1 });
    const from = async (seen: string) => (await get("/", { "x-forwarded-for": seen })).status;
    expect(await from("198.51.100.1")).toBe(303);
    expect(await from("198.51.100.2")).toBe(303);
    expect(await from("203.0.113.9, 198.51.100.1")).toBe(429);
    const direct = await open({ rate: { burst: 1, perSecond: 1 } });
    const asked = ["198.51.100.1", "198.51.100.2"].map(
      async (seen) => (await direct.get("/", { "x-forwarded-for": seen })).status,
    );
    expect(await Promise.all(asked)).toEqual([303, 429]);
  });
});
