// Which program answers the editor: no editor is needed to know it.

"use strict";

/**
 * The command that starts the language server.
 *
 * @param {string} setting the path of pipec as the user gave it; `${workspaceFolder}` stands for the open folder
 * @param {string | undefined} folder the folder that is open, if one is
 * @returns {{ command: string, args: string[], options: { cwd: string | undefined } }}
 */
function serverCommand(setting, folder) {
  const command = setting.trim().replaceAll("${workspaceFolder}", folder ?? ".") || "pipec";
  return { command, args: ["lsp"], options: { cwd: folder } };
}

module.exports = { serverCommand };
