; Where several patterns fit a node, the last one counts.

; --- names ---

(name) @variable

(attribute name: (name) @property)
(option name: (name) @property)
(entry key: (name) @property)
(field name: (name) @property)

(parameter name: (name) @variable.parameter)
(input name: (name) @variable.parameter)
(named_argument name: (name) @variable.parameter)

(call function: (name) @function)
(call function: (attribute name: (name) @function))

(component name: (name) @function)
(pipeline name: (name) @function)
(test pipeline: (name) @function)
(task name: (name) @function)
(wait name: (name) @function)
(gate name: (name) @function)
(approval name: (name) @function)
(group name: (name) @function)
(if name: (name) @function)

(import name: (name) @module)
(target name: (name) @module)
(const name: (name) @constant)
(on event: (name) @constant)
(given state: (name) @constant)
(expect state: (name) @constant)

(type_alias name: (name) @type)
(named_type (name) @type)
((named_type (name) @type.builtin)
  (#any-of? @type.builtin
    "bool" "int" "float" "str" "date" "datetime" "duration" "size" "json" "file" "dir" "dataset" "model" "metrics"
    "list" "dict"))

; --- literals ---

[
  (int)
  (float)
  (duration)
  (size)
  (date)
] @number

(bool) @boolean
(null) @constant.builtin

(string) @string
(raw_string) @string
(escape) @string.escape
(interpolation
  "${" @punctuation.special
  "}" @punctuation.special)

(comment) @comment
(doc_comment) @comment.documentation

; --- keywords ---

[
  "language"
  "import"
  "const"
  "type"
  "component"
  "pipeline"
  "test"
  "given"
  "expect"
  "is"
  "as"
  "task"
  "wait"
  "gate"
  "approval"
  "group"
  "finally"
  "target"
  "after"
  "order"
  "require"
  "on"
  "return"
  "if"
  "else"
  "for"
  "map"
] @keyword

[
  "and"
  "or"
  "not"
  "in"
] @keyword.operator

; --- signs ---

[
  "="
  "->"
  "??"
  "=="
  "!="
  "<"
  "<="
  ">"
  ">="
  "+"
  "-"
  "*"
  "/"
  "%"
  "|"
  "?"
] @operator

[
  "("
  ")"
  "["
  "]"
  "{"
] @punctuation.bracket
(block "}" @punctuation.bracket)
(body "}" @punctuation.bracket)
(results "}" @punctuation.bracket)
(target "}" @punctuation.bracket)
(test "}" @punctuation.bracket)
(map_value "}" @punctuation.bracket)

[
  ","
  "."
  ":"
] @punctuation.delimiter
