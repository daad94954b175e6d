// A patient made of words that stand nowhere else, so that each can be looked for in gigabytes of memory. New ones for every
// run: what an earlier browser left behind is not found again.

import { randomBytes } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";

import type { Needle } from "./processes.ts";
import { drill } from "./summary.ts";
import type { File } from "./pages/records.ts";

export interface Canary {
  summary: unknown;
  attachments: File[];
  needles: Needle[];
  /** The picture's pixels: red, green, blue. */
  noise: Buffer;
}

/** Titles of the attachments: the names of their files. */
export const PICTURE = "Canary card";
export const PAPER = "Canary paper";

/** Pixels of the picture, wide and high. */
const SIDE = 48;

export function canary(): Canary {
  const words = { name: word(), narrative: word(), code: word(), note: word(), photo: word(), picture: word(), paper: word(), text: word() };
  // One letter outside of ASCII, so that the encodings differ.
  const given = `Ö${words.name}`;
  const anna = drill("anna-drillmann.json").buffer.toString("utf8");
  const summary = JSON.parse(anna) as { entry: { resource: any }[] };
  for (const { resource } of summary.entry) {
    if (resource.resourceType === "Patient") {
      resource.name = [{ text: `${given} Drillmann`, family: "Drillmann", given: [given] }];
      const photo = Buffer.from(resource.photo[0].data, "base64");
      resource.photo[0].data = withText(photo, words.photo).toString("base64");
    }
    if (resource.resourceType === "AllergyIntolerance" && resource.code.text === "Penicillin") {
      resource.code.coding[0].code = words.code;
      resource.note = [{ text: words.note }];
    }
    if (resource.resourceType === "Composition") {
      for (const section of resource.section) section.text = { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${words.narrative}</p></div>` };
    }
  }
  const noise = randomBytes(SIDE * SIDE * 3);
  const picture = withText(png(noise), words.picture);
  const needles: Needle[] = [
    { name: "name", bytes: Buffer.from(given) },
    ...(["narrative", "code", "note"] as const).map((name) => ({ name, bytes: Buffer.from(words[name]) })),
    { name: "photograph's bytes", bytes: Buffer.from(words.photo) },
    { name: "picture's bytes", bytes: Buffer.from(words.picture) },
    { name: "picture's pixels", bytes: pixels(noise, [0, 1, 2]) },
    { name: "picture's pixels (BGRA)", bytes: pixels(noise, [2, 1, 0]) },
    { name: "paper's bytes", bytes: Buffer.from(words.paper) },
    { name: "paper's text", bytes: Buffer.from(words.text) },
    { name: "name as glyphs", bytes: glyphs(words.name) },
    { name: "note as glyphs", bytes: glyphs(words.note) },
  ];
  const file = (name: string, mimeType: string, buffer: Buffer): File => ({ name, mimeType, buffer });
  return {
    summary,
    attachments: [file(`${PICTURE}.png`, "image/png", picture), file(`${PAPER}.pdf`, "application/pdf", pdf(words.paper, words.text))],
    needles,
    noise,
  };
}

/** 24 letters by chance. */
function word(): string {
  return `Zq${[...randomBytes(22)].map((byte) => String.fromCharCode(97 + (byte % 26))).join("")}`;
}

/** Numbers of glyphs as most fonts of this machine count them, ASCII less 29: what is left of a text once it is drawn. */
function glyphs(word: string): Buffer {
  return Buffer.concat([...word].map((letter) => Buffer.from([letter.charCodeAt(0) - 29, 0])));
}

/** A row's first sixteen pixels, opaque, as they stand in a picture that is ready to be shown. */
function pixels(noise: Buffer, order: readonly number[]): Buffer {
  const at = 24 * SIDE * 3;
  return Buffer.from(Array.from({ length: 16 }, (_, x) => [...order.map((channel) => noise[at + x * 3 + channel] ?? 0), 255]).flat());
}

/** PNG, RFC 2083: eight bits a channel, no filter. */
function png(noise: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Array.from({ length: SIDE }, (_, y) => [Buffer.from([0]), noise.subarray(y * SIDE * 3, (y + 1) * SIDE * 3)]).flat();
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", header), chunk("IDAT", deflateSync(Buffer.concat(rows))), chunk("IEND")]);
}

/** The picture with a comment behind its header. */
function withText(picture: Buffer, text: string): Buffer {
  const at = 8 + 25;
  return Buffer.concat([picture.subarray(0, at), chunk("tEXt", Buffer.from(`Comment\0${text}`, "latin1")), picture.subarray(at)]);
}

function chunk(kind: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** One page with one line of text, compressed, and a comment. */
function pdf(comment: string, text: string): Buffer {
  const drawing = deflateSync(Buffer.from(`BT /F1 12 Tf 20 100 Td (${text}) Tj ET`));
  const parts: Buffer[] = [Buffer.from(`%PDF-1.4\n%${comment}\n`)];
  const places: number[] = [];
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
    Buffer.concat([Buffer.from(`<</Length ${drawing.length}/Filter/FlateDecode>>stream\n`), drawing, Buffer.from("\nendstream")]),
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
  ];
  const length = () => parts.reduce((sum, part) => sum + part.length, 0);
  objects.forEach((object, number) => {
    places.push(length());
    parts.push(Buffer.from(`${number + 1} 0 obj`), Buffer.from(object), Buffer.from("endobj\n"));
  });
  const start = length();
  const table = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  parts.push(Buffer.from(`xref\n0 6\n0000000000 65535 f \n${table}trailer<</Size 6/Root 1 0 R>>\nstartxref\n${start}\n%%EOF`));
  return Buffer.concat(parts);
}
