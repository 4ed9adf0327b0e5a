import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanDeep, cleanLine, cleanText, clip, redact, stripInvisible } from "./redaction.ts";

const secrets: readonly (readonly [name: string, text: string, secret: string])[] = [
  ["AWS key id", "using AKIAIOSFODNN7EXAMPLE now", "AKIAIOSFODNN7EXAMPLE"],
  [
    "AWS secret",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  ],
  ["bearer token", "Authorization: Bearer abc123DEF456ghi", "abc123DEF456ghi"],
  ["basic credentials", "authorization=Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"],
  [
    "JWT",
    "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP from x",
    "eyJzdWIiOiIxMjM0In0",
  ],
  ["JWT glued to a name", "tok-eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.s", "eyJzdWIi"],
  ["password in a URL", "postgres://app:hun:t3r2@db.internal:5432/shop", "hun:t3r2"],
  ["password pair", "login failed user=bob password=hunter2 ip=10.0.0.1", "hunter2"],
  ["quoted password", 'password: "two words" next', "two words"],
  ["password in JSON", '{"db_password":"p\\"x1","a":1}', "x1"],
  ["password in escaped JSON", '{\\"password\\":\\"hunter2\\"}', "hunter2"],
  ["API key", "x-api-key: 9f8a7b6c5d4e3f2a1b0c", "9f8a7b6c5d4e3f2a1b0c"],
  ["token pair", "token=9f8A7b6c5d4e", "9f8A7b6c5d4e"],
  ["session cookie", "Cookie: connect.sid=s%3Aabc.def; theme=dark", "s%3Aabc.def"],
  ["session id", "JSESSIONID=0A1B2C3D4E5F", "0A1B2C3D4E5F"],
  ["card", "charge 4111 1111 1111 1111 declined", "4111 1111 1111 1111"],
  ["card without spaces", "pan=5555555555554444;", "5555555555554444"],
  ["American Express card", "3782-822463-10005", "3782-822463-10005"],
  ["e-mail", "mail to alice.smith+x@example.co.jp failed", "alice.smith+x@example.co.jp"],
  ["e-mail with an apostrophe", "user='o'brien@example.ie' not found", "brien"],
  ["quoted e-mail", 'from "john doe"@example.com', "john doe"],
  ["e-mail with letters beyond ASCII", "für müller@bücher.example zu spät", "müller"],
  ["e-mail in a URL", "GET /users/alice%40example.com/cart 404", "alice"],
  ["e-mail that more is glued to", "key alice@example.com_backup::1", "alice"],
  ["e-mail with digits for a domain", "to 13912345678@163.com", "13912345678"],
  ["e-mail in JSON", '{"email":"bob.smith@mail.example.org","ok":1}', "bob.smith"],
  ["e-mail at a cloud provider's own domain", "cc dev@amazonaws.com", "dev@"],
  ["GitHub token", "ghp_0123456789abcdefABCDEF0123456789abcd", "ghp_0123456789"],
  ["Slack token", "xoxb-123456789012-abcdefABCDEF", "xoxb-123456789012"],
  ["Stripe key", "key sk_live_4eC39HqLyjWDarjtT1zdp7dc used", "sk_live_4eC39HqLyjWDarjtT1zdp7dc"],
  ["model key", "sk-proj-abcdefABCDEF0123456789", "sk-proj-abcdefABCDEF0123456789"],
  [
    "private key",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY----- tail",
    "MIIEow",
  ],
  ["private key without its end", "-----BEGIN PRIVATE KEY-----\\nMIIEvQ", "MIIEvQ"],
];

/** Text with secrets, markup and invisible characters in any order. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(...secrets.map(([, text]) => text)),
      fc.constantFrom(
        "password=",
        "\u001b[31m",
        "\u200b",
        "[redacted:",
        "token: ",
        "@",
        "://",
        "…",
      ),
      fc.string({ unit: "grapheme", maxLength: 12 }),
      fc.string({ unit: fc.constantFrom(..."4111 -eyJ.=:\"'\\ab@"), maxLength: 30 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

describe("redact", () => {
  it.each(secrets)("hides a %s", (_, text, secret) => {
    expect(redact(text)).not.toContain(secret);
    expect(redact(text)).toContain("[redacted:");
  });

  it("keeps the words around a secret", () => {
    expect(redact("login failed user=bob password=hunter2 ip=10.0.0.1")).toBe(
      "login failed user=bob password=[redacted:secret] ip=10.0.0.1",
    );
    expect(redact("postgres://app:pw@db:5432/shop")).toBe(
      "postgres://app:[redacted:password]@db:5432/shop",
    );
    expect(redact('{"password":"x","user":"bob"}')).toBe(
      '{"password":"[redacted:secret]","user":"bob"}',
    );
  });

  it.each([
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7",
    "deploy 9fceb02d0ae598e95dc970b74767f19372d61af8 at 2026-11-21T07:41:00.123Z",
    "request 123e4567-e89b-12d3-a456-426614174000 took 1732174860123 ns=1732174860123456789",
    "token expired; auth: failed, session: closed, secret=missing",
    "Basic authentication required; bearer token missing",
    "used 15000 tokens: 12000 in, 3000 out",
    "adoptions@services-database.us-west-2.rds.amazonaws.com_Database::SQL is slow",
    "orders@orders-db.abc123.eu-west-1.rds.amazonaws.com timed out",
    "ledger@db.prod.example.com_Database::SQL",
    "app@shop.database.windows.net and root@ip-10-0-0-7.ec2.internal",
    "npm ERR! 404 /@scope%2fpackage and /%40scope%2fpackage",
    "react@18.2.0 and image@sha256:9fceb02d0ae598e9",
    "monkey=banana keyboard: qwerty1234",
    "GET https://api.example.com:8443/v1/orders?page=2 200",
    "at com.example.shop.checkout.PaymentService.charge(PaymentService.java:214)",
  ])("leaves ordinary telemetry alone: %s", (text) => {
    expect(redact(text)).toBe(text);
  });

  it("leaves trace ids, UUIDs, commit ids and timestamps alone", () => {
    const hex = (length: number) =>
      fc.string({
        unit: fc.constantFrom(..."0123456789abcdef"),
        minLength: length,
        maxLength: length,
      });
    const ids = fc.oneof(hex(32), hex(40), hex(7), fc.uuid());
    const times = fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(ids, times, (id, at) => {
        const line = `${at.toISOString()} id=${id} (${id}) at ${at.getTime()}`;
        expect(redact(line)).toBe(line);
      }),
    );
  });

  it("gives the same when applied twice", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const once = redact(text);
        expect(redact(once)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["plain words", "word ".repeat(200_000)],
    ["one word", "a".repeat(1_000_000)],
    ["almost tokens", "eyJaaaaaa-".repeat(100_000)],
    ["dotted", "eyJ.".repeat(250_000)],
    ["almost e-mails", "a.".repeat(500_000)],
    ["at signs", "a@".repeat(500_000)],
    ["apostrophes", "a'".repeat(500_000)],
    ["escaped at signs", "a%40".repeat(250_000)],
    ["quotes", '"@'.repeat(500_000)],
    ["long domains", `a@${"b.".repeat(500_000)}`],
    ["almost cards", "4111 ".repeat(200_000)],
    ["digits", "4".repeat(1_000_000)],
    ["open quotes", 'password="'.repeat(100_000)],
    ["open keys", "-----BEGIN PRIVATE KEY-----".repeat(37_000)],
    ["URLs", "://a:".repeat(200_000)],
    ["cookies", "cookie: ".repeat(125_000)],
    ["spaces", `token${" ".repeat(1_000_000)}`],
    ["escapes", "\u001b]".repeat(500_000)],
  ])("takes a line of 1 MB in linear time: %s", (_, text) => {
    const started = performance.now();
    cleanText(text);
    cleanLine(text);
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

describe("cleanText", () => {
  it("never exceeds its limit, and gives the same when applied twice", () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 120 }), (text, charsMax) => {
        for (const clean of [cleanText, cleanLine]) {
          const once = clean(text, charsMax);
          expect(once.length).toBeLessThanOrEqual(charsMax);
          expect(clean(once, charsMax)).toBe(once);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("finds a secret that invisible characters split", () => {
    expect(cleanText("AKIA\u200bIOSFOD\u001b[1mNN7EXAMPLE")).toBe("[redacted:aws-key]");
  });

  it("redacts before it clips", () => {
    const text = `${"x".repeat(20)} ghp_0123456789abcdefABCDEF0123456789abcd`;
    for (let charsMax = 1; charsMax < 70; charsMax++) {
      expect(cleanText(text, charsMax)).not.toContain("ghp_");
    }
  });

  it("removes escapes, control, zero-width, direction and tag characters", () => {
    const text = "a\u001b[31mred\u001b[0m\u0000\u202e\u200d\ufeff\u{e0041}b\u001b]8;;x\u0007c\r\nd";
    expect(stripInvisible(text)).toBe("aredbc\nd");
    expect(cleanLine(text)).toBe("aredbc d");
  });

  it("cuts between characters", () => {
    expect(clip("ab😀cd", 4)).toBe("ab…");
    expect(clip("abc", 3)).toBe("abc");
    expect(clip("abcd", 3)).toBe("ab…");
  });
});

describe("cleanDeep", () => {
  it("reaches every string and keeps the shape", () => {
    const value = { a: ["password=x1\u200b", 2, null], b: { c: "ok", at: 1732174860123 } };
    expect(cleanDeep(value, 100)).toEqual({
      a: ["password=[redacted:secret]", 2, null],
      b: { c: "ok", at: 1732174860123 },
    });
  });
});
