import { equal } from "node:assert/strict";
import { test } from "node:test";
import { kindOf, kindOfPattern } from "./pii.js";

test("labels of all sorts are told by their words", () => {
  const kinds = {
    EMAIL_ADDRESS: "email",
    PH_MOBILE_NUMBER: "phone",
    credit_card_number: "credit_card",
    credit_card_security_code: null,
    IBAN_CODE: "iban",
    ipv6: "ip_address",
    mac_address: "mac_address",
    US_SSN: "ssn",
    DE_SOCIAL_SECURITY: "national_id",
    IN_PASSPORT: "passport",
    UK_DRIVING_LICENCE: "driver_license",
    date_of_birth: "date_of_birth",
    swift_bic_code: "bank_account",
    TR_LICENSE_PLATE: "national_id",
    DE_PLZ: null,
    STREET_ADDRESS: null,
    PERSON: null,
    company: null,
    description: null,
  };
  for (const [label, kind] of Object.entries(kinds)) equal(kindOf(label), kind, label);
});

test("a pattern named after nothing that is known finds the numbers of a state", () => {
  equal(kindOfPattern("phone_number.de"), "phone");
  equal(kindOfPattern("ip_address"), "ip_address");
  equal(kindOfPattern("aadhaar"), "national_id");
  equal(kindOfPattern("street_address.us"), null);
});
