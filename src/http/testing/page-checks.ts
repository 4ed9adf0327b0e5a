/**
 * Checks that run inside a page, as source text, since this program knows no browser types. Each
 * gives the faults it found.
 */

/** Texts whose contrast with the ground behind them is below 4.5 (WCAG 2.2, 1.4.3). */
export const faintTexts = `(() => {
  const parse = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (color) => {
    const [r, g, b] = color.slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (start) => {
    for (let item = start; item; item = item.parentElement) {
      const color = parse(getComputedStyle(item).backgroundColor);
      if (color[3] === undefined || color[3] > 0.5) return color;
    }
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    return isDark ? [18, 18, 18] : [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")].flatMap((item) => {
    const own = [...item.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !item.offsetParent) return [];
    const [a, b] = [light(parse(getComputedStyle(item).color)), light(groundOf(item))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return ratio < 4.5 ? [ratio.toFixed(2) + " " + item.outerHTML.slice(0, 80)] : [];
  });
})()`;

/** Links, buttons and fields that a screen reader could not name. */
export const namelessControls = `[
  ...document.querySelectorAll("a,button,input:not([type=hidden]),select,summary"),
].filter((item) => {
  const label = item.labels?.[0]?.textContent || item.getAttribute("aria-label");
  return !(item.textContent.trim() || label);
}).map((item) => item.outerHTML)`;

/** Everything that the page loaded besides itself and what stands in it. */
export const loadedFromElsewhere = `performance.getEntriesByType("resource")
  .map((entry) => entry.name).filter((name) => !name.startsWith("data:"))`;

export const pageWidth = "document.documentElement.scrollWidth";

export interface AxeAnswer {
  readonly violations: readonly string[];
  readonly passes: number;
}

/** Once axe is in the page: the rules that were broken and where, and how many held. */
export const axeRun = `axe.run({
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}).then(({ violations, passes }) => ({
  passes: passes.length,
  violations: violations.flatMap((rule) =>
    rule.nodes.map((node) => rule.id + ": " + node.html.slice(0, 120))),
}))`;

const focusableItems = `[...document.querySelectorAll(
  "a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex='0']",
)].filter((item) => item.checkVisibility())`;

/** How many things the Tab key should reach. */
export const focusable = `${focusableItems}.length`;

export interface Focus {
  readonly index: number;
  readonly hasRing: boolean;
}

/** Where among them the focus is, and whether one sees it. */
export const focusNow = `(() => {
  const now = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(now);
  const isLink = now.classList.contains("skip");
  return {
    index: ${focusableItems}.indexOf(now),
    hasRing: isLink || (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1),
  };
})()`;
