; The text of a shell command is a script, that of a query is SQL.

((call
  function: (name) @_function
  arguments: (arguments . (raw_string (raw_content) @injection.content)))
 (#eq? @_function "shell")
 (#set! injection.language "bash"))

((call
  function: (name) @_function
  arguments: (arguments . (raw_string (raw_content) @injection.content)))
 (#eq? @_function "sql")
 (#set! injection.language "sql"))
