import { settings } from "../../lib/settings.ts";

const standardRates: Record<string, number> = { DE: 0.19, FR: 0.2, GB: 0.2, NL: 0.21, US: 0 };

// Reduced rates by region, for countries that have them (flag `regional-tax`).
const regionalRates: Record<string, { regions: Record<string, number> }> = {
  DE: { regions: { default: 0.19, helgoland: 0 } },
  GB: { regions: { default: 0.2, gibraltar: 0 } },
  NL: { regions: { default: 0.21 } },
};

/** Value-added tax on a net sum, in cents. Countries without a rate pay none. */
export function taxCents(netCents: number, country: string): number {
  if (settings().flags["regional-tax"] && settings().regionalTax.includes(country)) {
    return Math.round(netCents * regionalRate(country));
  }
  return Math.round(netCents * (standardRates[country] ?? 0));
}

function regionalRate(country: string): number {
  const { regions } = regionalRates[country] as { regions: Record<string, number> };
  return regions.default ?? 0;
}
