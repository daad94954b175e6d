// Writes a .br and a .gz beside every file that gains by it, once, at the best ratio: the backend then only picks one.
//
// The same bytes in give the same bytes out: neither form holds a time or a name here.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const compressible = new Set([".css", ".html", ".js", ".json", ".svg", ".wasm"]);

/** @param {string} folder */
export function precompress(folder) {
  const rows = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !compressible.has(extname(entry.name))) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const bytes = readFileSync(path);
    const packed = { ".br": brotli(bytes), ".gz": gzipSync(bytes, { level: 9 }) };
    for (const [ending, small] of Object.entries(packed)) {
      if (small.length < bytes.length) writeFileSync(path + ending, small);
    }
    rows.push([entry.name, bytes.length, packed[".br"].length]);
  }
  console.log(table(rows));
}

function brotli(bytes) {
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}

function table(rows) {
  const line = (name, size, small) => `  ${name.padEnd(48)}${String(size).padStart(10)}${String(small).padStart(10)}`;
  return [line("file", "bytes", "brotli"), ...rows.sort().map((row) => line(...row))].join("\n");
}
