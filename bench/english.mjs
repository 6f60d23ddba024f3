const SENTENCES = [
  "The delivery was late, but the driver called ahead and everyone was kind about it.",
  "Please find attached the notes from Thursday's meeting, including the open questions about the budget.",
  "We moved the workshop to the larger room because more people signed up than we had expected.",
  "She asked whether the previous instructions for the coffee machine were still on the kitchen wall.",
  "In the second quarter, sales of tents rose by 14 percent while sleeping bags stayed flat.",
  "If the printer shows error 52, switch it off, wait a minute and switch it on again.",
  "Your booking number is 48213; you may change the date until the evening before you travel.",
  "The museum opens at ten, and on the first Sunday of each month the entrance is free.",
  "He wrote a short system for sorting the mail, which the whole office uses by now.",
  "Nobody remembered who had the key, so they waited on the stairs and told each other stories.",
];

/** Ordinary English of exactly `length` characters: nothing to find, though a few words that look like it. */
export function english(length) {
  let text = "";
  for (let index = 0; text.length < length; index++) text += `${SENTENCES[(index * 7) % SENTENCES.length]} `;
  return text.slice(0, length);
}
