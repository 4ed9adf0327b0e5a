import { expect, it } from "vitest";
import { en } from "./en.ts";
import { ja } from "./ja.ts";

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
