import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(html|js|css|svg|webmanifest|json)$/;
const SMALLEST = 1024;

/** Writes a .br and a .gz beside each larger text file, so that the gateway compresses nothing itself. */
export function precompressed(): Plugin {
  let directory = "";
  return {
    name: "precompressed",
    apply: "build",
    enforce: "post",
    configResolved(config) {
      directory = config.build.outDir;
    },
    closeBundle: {
      order: "post",
      async handler() {
        const names = await readdir(directory, { recursive: true });
        await Promise.all(
          names.filter((name) => TEXT.test(name)).map((name) => compress(join(directory, name))),
        );
      },
    },
  };
}

async function compress(file: string): Promise<void> {
  const text = await readFile(file);
  if (text.length < SMALLEST) {
    return;
  }
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  await writeFile(`${file}.br`, await promisify(brotliCompress)(text, quality));
  await writeFile(`${file}.gz`, await promisify(gzip)(text, { level: 9 }));
}
