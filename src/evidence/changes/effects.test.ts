import { expect, it } from "vitest";
import { effectsOf } from "./effects.ts";

it.each(["the total is wrong", "wrong amount charged", "ERROR wrong currency"])(
  "hears of a false value in: %s",
  (text) => {
    expect(effectsOf(text)).toContain("value");
  },
);

it.each(["Users complain. What is wrong, and why?", "what's wrong here", "Something went wrong"])(
  "hears of no value where somebody merely asks or complains: %s",
  (text) => {
    expect(effectsOf(text)).toEqual([]);
  },
);
