// Writes dist/: the extension in one file, and what it shares with the rest of the repository.

"use strict";

const { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { buildSync } = require("esbuild");

const dist = join(__dirname, "dist");

/** The licences of the packages that went into the extension: each asks to be passed on with it. */
function notices(inputs) {
  const packages = new Set(
    Object.keys(inputs).flatMap((file) => file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []),
  );
  return [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(__dirname, folder, "package.json"), "utf8"));
    const text = ["LICENSE", "LICENSE.md", "LICENSE.txt", "License.txt", "license.txt"]
      .map((file) => join(__dirname, folder, file))
      .find(existsSync);
    return `${name} ${version} (${license})\n\n${text === undefined ? "" : readFileSync(text, "utf8").trim()}\n`;
  });
}

rmSync(dist, { recursive: true, force: true });
const { metafile } = buildSync({
  absWorkingDir: __dirname,
  entryPoints: ["src/extension.js"],
  outfile: "dist/extension.js",
  bundle: true,
  external: ["vscode"],
  format: "cjs",
  metafile: true,
  minify: true,
  platform: "node",
  target: "node20",
});
writeFileSync(join(dist, "ThirdPartyNotices.txt"), notices(metafile.inputs).join(`\n${"-".repeat(80)}\n\n`));
copyFileSync(join(__dirname, "..", "pipe.tmLanguage.json"), join(dist, "pipe.tmLanguage.json"));
copyFileSync(join(__dirname, "..", "..", "..", "LICENSE"), join(dist, "LICENSE"));
