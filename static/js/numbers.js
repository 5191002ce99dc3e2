/* Exact decimals: whole multiples of 0.0001 in BigInt, never floats. */

export const PLACES = 4;
export const UNIT = 10n ** BigInt(PLACES);
const WHOLE_DIGITS = 11;

const WIDE = "０１２３４５６７８９＋－−．，";
const NARROW = "0123456789+--.,";
const AROUND = "[\\s\\xad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u2069\\ufeff]+";
const EDGES = new RegExp(`^${AROUND}|${AROUND}$`, "g");
const NUMBER = /^([+-]?)([1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]*)(?:\.([0-9]*))?$/;

/* Text as typed or pasted → ten-thousandths, null for nothing, undefined for what is no number.
   The rule is the server's: number_text and NumberField. */
export const parse = (text) => {
  const plain = [...text].map((sign) => NARROW[WIDE.indexOf(sign)] || sign).join("").replace(EDGES, "");
  if (!plain) return null;
  const match = NUMBER.exec(plain);
  if (!match || !(match[2] || match[3])) return undefined;
  const whole = match[2].replace(/,/g, "").replace(/^0+/, "");
  const rest = (match[3] || "").replace(/0+$/, "");
  if (whole.length > WHOLE_DIGITS || rest.length > PLACES) return undefined;
  const value = BigInt((whole || "0") + rest.padEnd(PLACES, "0"));
  return match[1] === "-" ? -value : value;
};

export const write = (value) => {
  const size = value < 0n ? -value : value;
  const rest = (size % UNIT).toString().padStart(PLACES, "0").replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${size / UNIT}${rest ? `.${rest}` : ""}`;
};
