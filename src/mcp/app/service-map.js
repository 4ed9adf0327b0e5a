import { pressable, svg } from "./dom.js";

const box = { width: 132, height: 30, gapX: 46, gapY: 14 };
const nodesMax = 40;

/**
 * Who calls whom, callers left of callees. The cause has a thick red border, victims a dashed orange
 * one, so that colour is not all there is. Clicking a service shows its evidence.
 */
export function serviceMap(report, scene, width) {
  const cause = report.rootCauses[0]?.service ?? null;
  const edges = report.topology.filter((edge) => edge.from !== edge.to);
  const names = namesOf(edges, report, cause);
  if (names.length === 0) return null;
  const places = placesOf(names, edges, width);
  const height = Math.max(...[...places.values()].map((place) => place.y)) + box.height + 4;
  const wide = Math.max(...[...places.values()].map((place) => place.x)) + box.width + 4;
  const picture = svg("svg", {
    viewBox: `0 0 ${Math.max(wide, width)} ${height}`,
    role: "group",
    "aria-label": "Service map",
  });
  for (const edge of edges) {
    const from = places.get(edge.from);
    const to = places.get(edge.to);
    if (from && to) picture.append(edgeOf(from, to));
  }
  for (const name of names) {
    const role = roleOf(name, report, cause);
    picture.append(nodeOf(name, role, places.get(name), scene));
  }
  return picture;
}

function namesOf(edges, report, cause) {
  const wanted = [cause, report.firstFailing, ...report.blastRadius].filter(Boolean);
  const all = new Set([...wanted, ...edges.flatMap((edge) => [edge.from, edge.to])]);
  return [...all].slice(0, nodesMax);
}

function roleOf(name, report, cause) {
  if (name === cause) return { className: "cause-of", label: "most likely cause" };
  if (name === report.firstFailing) return { className: "cause-of", label: "failed first" };
  if (report.blastRadius.includes(name)) return { className: "victim", label: "suffers" };
  return { className: "", label: "no sign of trouble" };
}

/** Columns by distance from the callers nobody calls; cycles end where they began. */
function placesOf(names, edges, width) {
  const depth = new Map(names.map((name) => [name, 0]));
  for (let round = 0; round < names.length; round++) {
    let isStable = true;
    for (const { from, to } of edges) {
      const next = Math.min((depth.get(from) ?? 0) + 1, names.length - 1);
      if (next <= (depth.get(to) ?? 0) || reaches(to, from, edges)) continue;
      depth.set(to, next);
      isStable = false;
    }
    if (isStable) break;
  }
  const columns = Math.max(...depth.values()) + 1;
  const isNarrow = columns * (box.width + box.gapX) > width + box.gapX;
  const counts = new Map();
  return new Map(
    [...names]
      .sort((a, b) => depth.get(a) - depth.get(b))
      .map((name, index) => {
        if (isNarrow) {
          const indent = Math.min(depth.get(name) * 22, Math.max(0, width - box.width - 4));
          return [name, { x: 2 + indent, y: 2 + index * (box.height + box.gapY), isNarrow }];
        }
        const column = depth.get(name);
        const row = counts.get(column) ?? 0;
        counts.set(column, row + 1);
        const x = 2 + column * (box.width + box.gapX);
        return [name, { x, y: 2 + row * (box.height + box.gapY), isNarrow }];
      }),
  );
}

/** True when `from` calls `to`, directly or through others. */
function reaches(from, to, edges) {
  const seen = new Set([from]);
  const open = [from];
  while (open.length > 0) {
    const name = open.pop();
    if (name === to) return true;
    for (const edge of edges) {
      if (edge.from !== name || seen.has(edge.to)) continue;
      seen.add(edge.to);
      open.push(edge.to);
    }
  }
  return false;
}

function edgeOf(from, to) {
  const y1 = from.y + box.height / 2;
  const y2 = to.y + box.height / 2;
  if (from.isNarrow) {
    const x = from.x + 8;
    const start = from.y + box.height;
    return svg("path", { class: "edge", d: `M${x} ${start}V${y2}H${to.x}` });
  }
  const x1 = from.x + box.width;
  const middle = (x1 + to.x) / 2;
  return svg("path", {
    class: "edge",
    d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${to.x} ${y2}`,
  });
}

function nodeOf(name, role, place, scene) {
  const isChosen = scene.service === name;
  const shown = name.length > 18 ? `${name.slice(0, 17)}…` : name;
  return svg(
    "g",
    {
      class: `node ${role.className} ${isChosen ? "chosen" : ""}`,
      "aria-pressed": isChosen,
      ...pressable(`${name}: ${role.label}`, () => scene.choose(isChosen ? null : name)),
    },
    svg("rect", { x: place.x, y: place.y, width: box.width, height: box.height, rx: 6 }),
    svg("text", { x: place.x + 9, y: place.y + 19 }, shown),
  );
}
