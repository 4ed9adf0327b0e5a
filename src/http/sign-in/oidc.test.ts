import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { httpApp } from "../app.ts";
import { openHttp } from "../testing/open-http.ts";

/** A provider that signs whatever the test wants it to say, and checks the PKCE verifier itself. */
async function openProvider() {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const stranger = await generateKeyPair("RS256");
  const claims: Record<string, unknown> = {};
  const wish = { challenge: "", key: privateKey };
  const server = createServer(async (request, response) => {
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const answer = (value: unknown) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(value));
    };
    if (request.url?.startsWith("/.well-known/")) {
      answer({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
      });
      return;
    }
    if (request.url === "/keys") {
      answer({ keys: [{ ...(await exportJWK(publicKey)), kid: "k", alg: "RS256" }] });
      return;
    }
    let body = "";
    for await (const chunk of request) body += chunk;
    const form = new URLSearchParams(body);
    const proof = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (proof !== wish.challenge || form.get("client_secret") !== "secret of OIDC") {
      response.statusCode = 400;
      answer({ error: "invalid_grant" });
      return;
    }
    const token = new SignJWT({ name: "Mari Sato", ...claims })
      .setProtectedHeader({ alg: "RS256", kid: "k" })
      .setIssuer(issuer)
      .setSubject("u-17")
      .setAudience("shodo")
      .setExpirationTime(Date.parse("2026-03-02T11:00:00Z") / 1_000);
    answer({ id_token: await token.sign(wish.key) });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { issuer, claims, wish, good: privateKey, stranger: stranger.privateKey, server };
}

describe("signing in with the company's account", () => {
  let provider: Awaited<ReturnType<typeof openProvider>>;
  beforeAll(async () => {
    provider = await openProvider();
  });
  afterAll(() => provider.server.close());

  async function signIn(claims: Record<string, unknown> = {}, change: { state?: string } = {}) {
    const { parts } = await openHttp({
      publicUrl: "https://shodo.example",
      oidc: {
        issuer: provider.issuer,
        clientId: "shodo",
        clientSecretFrom: "OIDC",
        roles: { responder: ["sre"], admin: ["platform"] },
      },
    });
    const { app } = httpApp(parts);
    const begun = await app.request("/sign-in/account");
    const to = new URL(begun.headers.get("location") ?? "");
    provider.wish.challenge = to.searchParams.get("code_challenge") ?? "";
    const nonce = to.searchParams.get("nonce");
    for (const key of Object.keys(provider.claims)) delete provider.claims[key];
    Object.assign(provider.claims, { nonce, groups: ["sre"], ...claims });
    const state = change.state ?? to.searchParams.get("state");
    const cookie = (begun.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    const back = await app.request(`/sign-in/callback?code=c&state=${state}`, {
      headers: { cookie },
    });
    const session = back.headers.getSetCookie().find((item) => item.startsWith("shodo_session="));
    const page = await app.request("/", { headers: { cookie: session?.split(";")[0] ?? "" } });
    return { to, back, session, text: await page.text(), status: page.status };
  }

  it("gives the highest role that a group has", async () => {
    const first = await signIn();
    expect(first.to.searchParams.get("redirect_uri")).toBe(
      "https://shodo.example/sign-in/callback",
    );
    expect(first.text).toContain("Mari Sato (responder)");
    expect(first.session).toMatch(/HttpOnly.*Secure|Secure.*HttpOnly/);
    expect((await signIn({ groups: ["sre", "platform"] })).text).toContain("(admin)");
  });

  it("lets nobody in without a role, with another's answer, or with a forged one", async () => {
    const outcomes = {
      "no group": await signIn({ groups: ["sales"] }),
      "another state": await signIn({}, { state: "s_x" }),
      "another nonce": await signIn({ nonce: "n_x" }),
    };
    provider.wish.key = provider.stranger;
    const forged = await signIn();
    provider.wish.key = provider.good;
    const said = Object.entries({ ...outcomes, forged }).map(
      ([name, { back, session, status }]) => [name, back.status, session === undefined, status],
    );
    expect(said).toEqual([
      ["no group", 401, true, 303],
      ["another state", 401, true, 303],
      ["another nonce", 401, true, 303],
      ["forged", 401, true, 303],
    ]);
  });
});
