/** Colours a text for a terminal, or leaves it. */
export type Paint = (text: string, colour: Colour) => string;

export type Colour = keyof typeof CODES;

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** The painter for a terminal with or without colours. */
export function painter(hasColour: boolean): Paint {
  return hasColour ? (text, colour) => `\u001b[${CODES[colour]}m${text}\u001b[0m` : (text) => text;
}
