const svgNames = "http://www.w3.org/2000/svg";

/** An HTML element. Text goes in as text nodes only: nothing from telemetry is ever parsed. */
export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(svgNames, name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** A number as a person reads it: three significant digits, thousands as k and M. */
export function short(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e6) return `${trim(value / 1e6)}M`;
  if (size >= 1e4) return `${trim(value / 1e3)}k`;
  return trim(value);
}

function trim(value) {
  return String(Number(value.toPrecision(3)));
}

/** Clock time in UTC; with the date when `span` (ms) is longer than a day. */
export function clock(at, span = 0) {
  const iso = new Date(at).toISOString();
  return span > 86_400_000 ? `${iso.slice(5, 10)} ${iso.slice(11, 16)}` : iso.slice(11, 16);
}

/** Shows `text` near the pointer or the focused element; null hides it. */
export function tip(text, event) {
  const box = document.getElementById("tip");
  box.hidden = text === null;
  if (text === null) return;
  box.textContent = text;
  const place = event.target.getBoundingClientRect();
  const x = event.clientX || place.left;
  const y = event.clientY || place.bottom;
  const { width, height } = box.getBoundingClientRect();
  box.style.left = `${Math.max(4, Math.min(x + 12, innerWidth - width - 4))}px`;
  box.style.top = `${y + 16 + height > innerHeight ? Math.max(4, y - height - 8) : y + 16}px`;
}

/** Makes an SVG group work like a button: pointer, keyboard and name. */
export function pressable(label, press) {
  return {
    role: "button",
    tabindex: 0,
    "aria-label": label,
    onclick: press,
    onkeydown: (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      press(event);
    },
    onmousemove: (event) => tip(label, event),
    onfocus: (event) => tip(label, event),
    onmouseleave: () => tip(null),
    onblur: () => tip(null),
  };
}
