// Loads the built extension, which is the argument, where there is no VS Code; prints what it offers.

"use strict";

const Module = require("node:module");

/** Anything at all: every name in it is such a thing too. */
const anything = () =>
  new Proxy(class {}, { get: (target, name) => (name in target ? target[name] : anything()), construct: () => ({}) });

const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? anything() : load(name, ...rest));
console.log(Object.keys(require(process.argv[2])).sort().join(" "));
