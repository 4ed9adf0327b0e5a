import { expect, it } from "vitest";
import { type ReasonId, reason, reasons } from "../../core/reasons.ts";
import { en } from "./en.ts";
import { ja } from "./ja.ts";
import { jaReasons } from "./ja-reasons.ts";
import { pageWordsOf } from "./page-words.ts";

const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

it("says everything in Japanese, with the same places to fill in", () => {
  const same = ["UTC", "JSON"];
  const faults = Object.entries(en).flatMap(([key, text]) => {
    const said = ja[key as keyof typeof en];
    const isJapanese = /[\u3040-\u30ff\u4e00-\u9fff]/.test(said);
    const isPlain = same.includes(text) || text.replace(/\{\w+\}|\W/g, "") === "";
    const isWhole = places(said).join() === places(text).join();
    return (isJapanese || isPlain) && isWhole ? [] : [key];
  });
  expect(faults).toEqual([]);
});

it("says every reason in Japanese, with the same values, and what others said as they said it", () => {
  const faults = (Object.keys(reasons) as ReasonId[]).filter(
    (id) => places(jaReasons[id]).join() !== places(reasons[id]).join(),
  );
  expect(faults).toEqual([]);
  const near = reason("alarm.calls", { caller: "web", callee: "shop" });
  const merged = reason("alarm.merged", {
    reason: reason("alarm.near", { reason: near, weight: 0.8 }),
  });
  const words = pageWordsOf("ja");
  expect(words.reason(merged)).toBe("統合: web が shop を呼び出している（呼び出しの近さ 0.8）");
  expect(words.reason("the logs look odd")).toBe("the logs look odd");
  expect(pageWordsOf("en").reason(merged)).toBe(merged);
});
