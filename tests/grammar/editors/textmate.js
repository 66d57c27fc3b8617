// Colours texts as VS Code does: stdin is {place: text}, stdout {place: [[start, end, [scope, …]], …]}.
// Arguments: the folder with the node modules, the grammar.

"use strict";

const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join } = require("node:path");

const [folder, grammarFile] = process.argv.slice(2);
const extension = createRequire(join(folder, "package.json"));
const oniguruma = extension("vscode-oniguruma");
const textmate = extension("vscode-textmate");

function tokens(grammar, text) {
  const found = [];
  let stack = textmate.INITIAL;
  let offset = 0;
  for (const line of text.split("\n")) {
    const result = grammar.tokenizeLine(line, stack);
    for (const { startIndex, endIndex, scopes } of result.tokens) {
      found.push([offset + startIndex, offset + Math.min(endIndex, line.length), scopes]);
    }
    stack = result.ruleStack;
    offset += line.length + 1;
  }
  return found;
}

async function main() {
  await oniguruma.loadWASM(readFileSync(extension.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(readFileSync(grammarFile, "utf8"), grammarFile),
  });
  const grammar = await registry.loadGrammar("source.pipe");
  const texts = JSON.parse(readFileSync(0, "utf8"));
  const found = Object.fromEntries(Object.entries(texts).map(([place, text]) => [place, tokens(grammar, text)]));
  process.stdout.write(JSON.stringify(found));
}

main();
