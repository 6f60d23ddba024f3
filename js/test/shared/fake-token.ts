const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * A GitHub token that no one was ever given, with a checksum that holds. Made where it is needed, so that no file holds
 * anything that looks like a credential.
 *
 * @param pick a number from 0 to 61, 30 times
 */
export function fakeGithubToken(pick: (index: number) => number): string {
  const secret = Array.from({ length: 30 }, (_, index) => ALPHABET[pick(index)]).join("");
  return `ghp_${secret}${checksum(secret)}`;
}

/** What GitHub writes behind a token's secret: its CRC32 in six digits of base 62. */
export function checksum(secret: string): string {
  return base62(crc32(secret));
}

function base62(number: number): string {
  let digits = "";
  for (let rest = number; digits.length < 6; rest = Math.floor(rest / 62)) digits = ALPHABET[rest % 62] + digits;
  return digits;
}

function crc32(text: string): number {
  let crc = 0xffff_ffff;
  for (let index = 0; index < text.length; index++) {
    crc ^= text.charCodeAt(index);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
