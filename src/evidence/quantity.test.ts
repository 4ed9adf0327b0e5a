import { expect, it } from "vitest";
import { atInterval, moved, quantity } from "./quantity.ts";

it("writes numbers as an engineer would", () => {
  const written = [
    quantity(0.18, "s"),
    quantity(2412, "ms"),
    quantity(0.0004, "s"),
    quantity(1_536_000_000, "bytes"),
    quantity(0.0123, "ratio"),
    quantity(99.581, "%"),
    quantity(12_345.6, "requests"),
    quantity(360_000, "ms"),
    quantity(Number.NaN, "ms"),
    quantity(0.75, "1"),
    moved(180, 2400, "ms"),
    moved(100, 99, "%"),
    moved(0.5, 0.1, "ratio"),
    atInterval(Date.UTC(2026, 0, 5, 10, 14), {
      from: Date.UTC(2026, 0, 5, 10, 13),
      to: Date.UTC(2026, 0, 5, 10, 14),
    }),
  ];
  expect(written).toMatchInlineSnapshot(`
    [
      "180 ms",
      "2.41 s",
      "400 µs",
      "1.54 GB",
      "1.23%",
      "99.6%",
      "12,346 requests",
      "6 min",
      "unknown",
      "0.75",
      "rose from 180 ms to 2.4 s (13×)",
      "fell from 100% to 99%",
      "fell from 50% to 10% (0.2×)",
      "at 10:14 ± 60 s",
    ]
  `);
});
