// Whether personal numbers are found beside their names, however these are written, and whether other numbers are left
// alone. All of them are made up here; check digits are right where there are any.
import type { Scan } from "./evaluate.js";
import { dataIn } from "./findings.js";
import { byName } from "./groups.js";
import { type Share, shareOf } from "./share.js";
import { fillIn } from "./template.js";

/** Numbers by what forms and databases call them. */
const PERSONAL: Readonly<Record<string, readonly string[]>> = {
  "date of birth": ["1985-03-12", "12/03/1985"],
  birthday: ["1985-03-12"],
  dob: ["03/12/85"],
  "passport number": ["533401234", "C01X00T47", "AB1234567"],
  "passport no": ["533401234"],
  "drivers license number": ["D1234567", "S530-4609-3100-12"],
  "driver license": ["D1234567"],
  "license number": ["D1234567"],
  "national id": ["29801011234567", "AB123456"],
  "national insurance number": ["AB123456C"],
  "identity card number": ["AB123456"],
  "id number": ["8001015009087"],
  "citizen id": ["1234567890"],
  "tax id": ["12-3456789"],
  "taxpayer id": ["123456789"],
  ein: ["12-3456789"],
  "vat number": ["DE123456789"],
  ssn: ["123-45-6789", "123456789"],
  "social security number": ["123456789"],
  "social insurance number": ["130692544"],
  "nhs number": ["9434765919"],
  "medicare number": ["2123456701"],
  "health insurance number": ["A123456789"],
  "account number": ["12345678", "000123456789"],
  "bank account": ["12345678"],
  "routing number": ["021000021"],
  "sort code": ["20-00-00"],
  "swift code": ["DEUTDEFF500"],
  iban: ["DE89370400440532013000"],
  "card number": ["4111111111111111"],
  "phone number": ["5550123456", "2025550123"],
  "contact number": ["9876543210"],
  "home phone": ["4155550132"],
  mobile: ["07700900123"],
  fax: ["4155550132"],
  "ip address": ["8.8.8.8"],
  "client ip": ["8.8.8.8"],
  "remote addr": ["8.8.8.8"],
  "mac address": ["00:1B:44:11:3A:B7"],
  "license plate": ["7ABC123"],
  vin: ["1M8GDM9AXKP042788"],
  "voter id": ["ABC1234567"],
};

const snake = (name: string) => name.replaceAll(" ", "_");
const camel = (name: string) => name.replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase());
const title = (name: string) => name.replace(/\b\w/g, (letter) => letter.toUpperCase());

/** How a name and its number stand beside each other. */
const WRITINGS: Readonly<Record<string, (name: string, number: string) => string>> = {
  "JSON, snake case": (name, number) => `{"name": "Ann", "${snake(name)}": "${number}"}`,
  "JSON, camel case": (name, number) => `{"name": "Ann", "${camel(name)}": "${number}"}`,
  "query string": (name, number) => `${snake(name)}=${number}&page=2`,
  XML: (name, number) => `<${camel(name)}>${number}</${camel(name)}>`,
  form: (name, number) => `${title(name)}: ${number}\n`,
  "form, on two lines": (name, number) => `${title(name)}:\n${number}\n`,
  "capital letters": (name, number) => `${name.toUpperCase()} ${number}`,
  "table row": (name, number) => `| ${title(name)} | ${number} |`,
  Markdown: (name, number) => `- **${title(name)}:** ${number}`,
  "hash sign": (name, number) => `${title(name)} #${number}`,
  sentence: (name, number) => `my ${name} is ${number}, thanks`,
};

/** Numbers that are nobody's. */
const ORDINARY: Readonly<Record<string, string>> = {
  "8 digits": "{digits:8}",
  "9 digits": "{digits:9}",
  "10 digits": "{digits:10}",
  "11 digits": "{digits:11}",
  "12 digits": "{digits:12}",
  "13 digits": "{digits:13}",
  "16 digits": "{digits:16}",
  "18 digits": "{digits:18}",
  "UNIX time": "17{digits:8}",
  "UNIX time in ms": "17{digits:11}",
  "time stamp": "2026041{digits:1}{digits:6}",
  UUID: "{hex:8}-{hex:4}-4{hex:3}-a{hex:3}-{hex:12}",
  "SHA-1": "{hex:40}",
  "SHA-256": "{hex:64}",
  "object id": "{hex:24}",
  "version of 3": "2.{digits:2}.{digits:1}",
  "version of 4": "4.{digits:1}.{digits:1}.{digits:1}",
  ISBN: "978-3-{digits:4}-{digits:4}-{digits:1}",
  "parcel of UPS": "1Z{upper_alnum:16}",
  "parcel of USPS": "9400{digits:18}",
  "parcel of the UPU": "RR{digits:9}DE",
  "invoice number": "INV-2026-{digits:5}",
  "part number": "AB-{digits:4}-C",
  "serial number": "{upper_alnum:10}",
  amount: "{digits:3},{digits:3}.{digits:2}",
  "amount with points": "1.{digits:3}.{digits:3},{digits:2}",
  "amount with blanks": "1{digits:2} {digits:3} {digits:3}",
  coordinates: "52.{digits:6}, 13.{digits:6}",
  fraction: "0.{digits:14}",
  "hexadecimal number": "0x{hex:8}",
};

/** How such numbers stand in texts. */
const PLACES: readonly ((number: string) => string)[] = [
  (number) => `see ${number} for that`,
  (number) => `{"id": "${number}", "ok": true}`,
  (number) => `value=${number};`,
  (number) => `| ${number} | 12 |`,
  (number) => `[info] done ${number} in 3 ms`,
];

/** Numbers of each sort. */
const NUMBERS = 200;

/** All figures on made-up numbers. */
export interface NumberFigures {
  /** Personal numbers beside their names that were found as a whole. */
  readonly found: Share;
  readonly byWriting: Readonly<Record<string, Share>>;
  /** Other numbers that were taken for personal data. */
  readonly alarms: Share;
  readonly alarmsBySort: Readonly<Record<string, Share>>;
}

interface Trial {
  readonly name: string;
  readonly holds: boolean;
}

/** Writes numbers in all ways and scans them. */
export function measureNumbers(scan: Scan): NumberFigures {
  const personal = Object.entries(WRITINGS).flatMap(([writing, write]) =>
    Object.entries(PERSONAL).flatMap(([name, numbers]) =>
      numbers.map((number) => ({ name: writing, holds: isFound(scan, write(name, number), number) })),
    ),
  );
  const ordinary = Object.entries(ORDINARY).flatMap(([sort, template]) =>
    Array.from({ length: NUMBERS }, (_, index) => {
      const { text } = fillIn(template, [], `${sort} ${index}`);
      const place = PLACES[index % PLACES.length];
      return { name: sort, holds: dataIn(scan(place?.(text) ?? text), "pii_detection").length > 0 };
    }),
  );
  return {
    found: share(personal),
    byWriting: shares(personal),
    alarms: share(ordinary),
    alarmsBySort: shares(ordinary),
  };
}

function isFound(scan: Scan, text: string, number: string): boolean {
  const start = text.indexOf(number);
  const isWhole = (finding: { start: number; end: number }) =>
    finding.start <= start && finding.end >= start + number.length;
  return dataIn(scan(text), "pii_detection").some(isWhole);
}

function share(trials: readonly Trial[]): Share {
  return shareOf(trials.filter(({ holds }) => holds).length, trials.length);
}

function shares(trials: readonly Trial[]): Record<string, Share> {
  return byName(trials, ({ name }) => name, share);
}
