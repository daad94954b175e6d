// Patient summaries of people who do not exist, as FHIR R4 documents: the smallest that holds, and the drill patients.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { File } from "./pages/records.ts";

type Json = Record<string, unknown>;

/** A summary of Testina Drillmann. `more` goes into its Patient. */
export function summary(given = "Testina", more: Json = {}): Json {
  const patient = "urn:uuid:00000000-0000-4000-8000-000000000001";
  const author = "urn:uuid:00000000-0000-4000-8000-000000000002";
  const empty = (title: string, code: string) => ({
    title,
    code: { coding: [{ system: "http://loinc.org", code }] },
    text: { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">None</div>` },
    emptyReason: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/list-empty-reason", code: "nilknown" }] },
  });
  const composition = {
    resourceType: "Composition",
    status: "final",
    type: { coding: [{ system: "http://loinc.org", code: "60591-5" }] },
    subject: { reference: patient },
    date: "2026-11-01T08:00:00Z",
    author: [{ reference: author }],
    title: "Patient summary, made up",
    section: [empty("Allergies", "48765-2"), empty("Problems", "11450-4"), empty("Medications", "10160-0")],
  };
  const person = { resourceType: "Patient", name: [{ family: "Drillmann", given: [given] }], gender: "other", birthDate: "1971-02-03", ...more };
  return {
    resourceType: "Bundle",
    type: "document",
    identifier: { system: "urn:ietf:rfc:3986", value: "urn:uuid:00000000-0000-4000-8000-000000000003" },
    timestamp: "2026-11-01T08:00:00Z",
    entry: [
      { fullUrl: "urn:uuid:00000000-0000-4000-8000-000000000004", resource: composition },
      { fullUrl: patient, resource: person },
      { fullUrl: author, resource: { resourceType: "Practitioner", name: [{ text: "Dr. Probe" }] } },
    ],
  };
}

/** What a file input takes. */
export function file(name: string, content: string | Json | Buffer): File {
  const buffer = Buffer.isBuffer(content) ? content : Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  const mimeType = name.endsWith(".pdf") ? "application/pdf" : name.endsWith(".png") ? "image/png" : "application/json";
  return { name, mimeType, buffer };
}

/** A file of the drill folder. */
export function drill(name: string): File {
  return file(name, readFileSync(fileURLToPath(new URL(`../../drill/${name}`, import.meta.url))));
}
