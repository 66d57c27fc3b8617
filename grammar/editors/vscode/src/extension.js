// Connects VS Code with `pipec lsp`, which knows all that there is to know of a file.

"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const { serverCommand } = require("./server");

/** @type {LanguageClient | undefined} */
let client;

async function start() {
  const setting = vscode.workspace.getConfiguration("pipec").get("path", "pipec");
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const executable = serverCommand(setting, folder); // over its standard input and output, as no other way is named
  client = new LanguageClient("pipec", "pipec", executable, {
    documentSelector: [{ language: "pipe" }],
  });
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    await sayWhatIsMissing(executable.command, error);
  }
}

async function sayWhatIsMissing(command, error) {
  const choice = await vscode.window.showErrorMessage(
    `\`${command} lsp\` does not start (${error instanceof Error ? error.message : error}): ` +
      "install it with `pip install \"pipec[lsp]\"`, or set its path.",
    "Set the path",
  );
  if (choice !== undefined) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "pipec.path");
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.dispose();
}

async function restart() {
  await stop();
  await start();
}

/** @param {vscode.ExtensionContext} context */
function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("pipec.restart", restart),
    vscode.workspace.onDidChangeConfiguration((event) => (event.affectsConfiguration("pipec.path") ? restart() : undefined)),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
  );
  return start();
}

module.exports = { activate, deactivate: stop };
