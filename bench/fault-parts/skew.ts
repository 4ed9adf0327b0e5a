/**
 * Loaded before the service: its clock is ahead by what a file says, so that it can be made to
 * jump.
 */
import { readFileSync } from "node:fs";

const file = process.env.FAULT_SKEW_FILE ?? "";
const trueNow = Date.now.bind(Date);

Date.now = () => trueNow() + skew();

function skew(): number {
  try {
    return Number(readFileSync(file, "utf8")) || 0;
  } catch {
    return 0;
  }
}
