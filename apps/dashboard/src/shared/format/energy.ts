import { missing, significant } from "./numbers.js";

/** Energy in the unit that keeps it readable: "0.0404 Wh", "117 kWh". */
export function energyText(kWh: number | null): string {
  if (kWh === null) return missing;
  if (kWh === 0) return "0 Wh";
  if (kWh >= 1) return `${significant(kWh)} kWh`;
  return kWh >= 1e-6 ? `${significant(kWh * 1000)} Wh` : `${significant(kWh * 1e6)} mWh`;
}

/** Carbon dioxide equivalents: "0.0194 g CO₂e", "105 kg CO₂e". */
export function carbonText(grams: number | null): string {
  if (grams === null) return missing;
  if (grams === 0) return "0 g CO₂e";
  if (grams >= 1000) return `${significant(grams / 1000)} kg CO₂e`;
  return grams >= 1e-3 ? `${significant(grams)} g CO₂e` : `${significant(grams * 1000)} mg CO₂e`;
}
