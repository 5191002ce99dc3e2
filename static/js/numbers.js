/* Exact decimals: whole multiples of 0.0001 in BigInt, never floats. */

export const PLACES = 4;
export const UNIT = 10n ** BigInt(PLACES);

/* Text as typed or pasted → ten-thousandths, null for nothing, undefined for what is no number. */
export const parse = (text) => {
  const plain = text.normalize("NFKC").replace(/[,\s]/g, "");
  if (!plain) return null;
  const match = /^([+-]?)(\d*)\.?(\d*)$/.exec(plain);
  if (!match || !(match[2] + match[3]) || match[3].length > PLACES) return undefined;
  const value = BigInt((match[2] || "0") + match[3].padEnd(PLACES, "0"));
  return match[1] === "-" ? -value : value;
};

export const write = (value) => {
  const size = value < 0n ? -value : value;
  const rest = (size % UNIT).toString().padStart(PLACES, "0").replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${size / UNIT}${rest ? `.${rest}` : ""}`;
};
