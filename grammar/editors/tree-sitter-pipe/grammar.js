/**
 * The pipec language for tree-sitter. It follows grammar/pipec.lark, and is more lenient where an editor gains by it:
 * any keyword is a name wherever no keyword can stand.
 */

/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

const PRECEDENCE = {
  conditional: 1,
  coalesce: 2,
  or: 3,
  and: 4,
  not: 5,
  comparison: 6,
  sum: 7,
  product: 8,
  negative: 9,
  postfix: 10,
};

/** One or more, with commas between, and where `trailing` holds one more comma at the end. */
const list = (rule, trailing = true) =>
  trailing ? seq(rule, repeat(seq(",", rule)), optional(",")) : seq(rule, repeat(seq(",", rule)));

/** A text between quotes in which `${…}` stands for a value; `characters` is what else it may hold. */
const interpolated = ($, quotes, characters) =>
  seq(
    quotes,
    repeat(
      choice(
        alias(token.immediate(prec(1, characters)), $.string_content),
        alias(token.immediate(prec(1, "$")), $.string_content),
        $.escape,
        $.interpolation,
      ),
    ),
    token.immediate(prec(1, quotes)),
  );

/** A text between quotes in which every character stands for itself. */
const raw = ($, quotes, characters) =>
  seq(quotes, optional(alias(token.immediate(prec(1, characters)), $.raw_content)), token.immediate(prec(1, quotes)));

module.exports = grammar({
  name: "pipe",

  word: ($) => $.name,

  extras: ($) => [/\s/, $.doc_comment, $.comment],

  supertypes: ($) => [$._expression, $._type],

  rules: {
    file: ($) =>
      repeat(choice($.language, $.import, $.const, $.type_alias, $.component, $.pipeline, $.test)),

    // --- items of a file ---

    language: ($) => seq("language", $.int),
    import: ($) => seq("import", field("path", $._text), "as", field("name", $.name)),
    const: ($) =>
      seq("const", field("name", $.name), optional(seq(":", field("type", $._type))), "=", field("value", $._expression)),
    type_alias: ($) => seq("type", field("name", $.name), "=", field("type", $._type)),
    component: ($) =>
      seq(
        "component",
        field("name", $.name),
        optional($.parameters),
        optional($.results),
        "=",
        field("implementation", $._implementation),
        optional($.body),
      ),
    pipeline: ($) =>
      seq("pipeline", field("name", $.name), optional($.parameters), optional($.results), $.block),
    test: ($) =>
      seq(
        "test",
        field("title", $._text),
        "for",
        field("pipeline", $.name),
        "{",
        repeat(choice($.given, $.expect, $.option)),
        "}",
      ),

    given: ($) =>
      seq("given", $._expression, choice(seq("=", field("value", $._expression)), seq("is", field("state", $.name)))),
    expect: ($) => seq("expect", list($._expression, false), optional(seq("is", field("state", $.name)))),

    parameters: ($) => seq("(", optional(list($.parameter)), ")"),
    parameter: ($) =>
      seq(field("name", $.name), ":", field("type", $._type), optional(seq("=", field("default", $._expression)))),
    results: ($) => seq("->", choice($._type, seq("{", optional(list($.field)), "}"))),
    field: ($) => seq(field("name", $.name), ":", field("type", $._type)),

    // --- statements ---

    block: ($) =>
      seq(
        "{",
        repeat(
          choice(
            $.option,
            $.const,
            $.task,
            $.wait,
            $.gate,
            $.approval,
            $.if,
            $.for,
            $.map,
            $.group,
            $.order,
            $.require,
            $.on,
            $.finally,
            $.target,
            $.return,
          ),
        ),
        "}",
      ),
    body: ($) => seq("{", repeat(choice($.option, $.require, $.on, $.target)), "}"),

    option: ($) => seq(field("name", $.name), "=", field("value", $._expression)),
    target: ($) => seq("target", field("name", $.name), "{", repeat($.option), "}"),
    require: ($) => seq("require", field("condition", $._expression), optional(seq("else", field("message", $._expression)))),
    on: ($) => seq("on", list(field("event", $.name), false), "=", field("channels", $._expression)),

    task: ($) =>
      seq(
        "task",
        field("name", $.name),
        optional($.inputs),
        optional($.results),
        optional($.after),
        optional(seq("=", field("implementation", $._implementation))),
        optional($.body),
      ),
    wait: ($) =>
      seq(
        "wait",
        field("name", $.name),
        optional($.after),
        "=",
        field("implementation", $._implementation),
        optional($.body),
      ),
    gate: ($) => seq("gate", field("name", $.name), optional($.after), $.body),
    approval: ($) => seq("approval", field("name", $.name), optional($.after), optional($.body)),

    inputs: ($) => seq("(", optional(list($.input)), ")"),
    input: ($) => seq(field("name", $.name), optional(seq("=", field("value", $._expression)))),
    after: ($) => seq("after", list($.reference, false)),
    reference: ($) => seq($.name, optional(seq("[", list($._expression), "]"))),
    _implementation: ($) => choice($._dotted, alias($.implementation_call, $.call)),
    implementation_call: ($) => seq(field("function", $._dotted), field("arguments", $.arguments)),
    _dotted: ($) => choice($.name, alias($.dotted_attribute, $.attribute)),
    dotted_attribute: ($) => seq(field("value", $._dotted), ".", field("name", $.name)),

    if: ($) =>
      seq(
        "if",
        field("condition", $._expression),
        optional(seq("as", field("name", $.name))),
        $.block,
        optional(seq("else", choice($.block, $.if))),
      ),
    for: ($) => seq("for", list($.variable, false), $.block),
    map: ($) => seq("map", $.variable, $.block),
    variable: ($) => seq(field("name", $.name), "in", field("items", $._expression)),
    group: ($) => seq("group", field("name", $.name), $.block),
    finally: ($) => seq("finally", $.block),
    order: ($) => seq("order", $._link, repeat1(seq("->", $._link))),
    _link: ($) => choice($.reference, seq("[", list($.reference), "]")),
    return: ($) => seq("return", $._expression),

    // --- types ---

    _type: ($) => choice($.union_type, $._type_term),
    union_type: ($) => seq($._type_term, repeat1(seq("|", $._type_term))),
    _type_term: ($) => choice($._type_atom, $.optional_type),
    optional_type: ($) => seq($._type_atom, "?"),
    _type_atom: ($) => choice($.named_type, $.literal_type, $.parenthesized_type),
    named_type: ($) => seq($.name, repeat(seq(".", $.name)), optional(seq("[", list($._type, false), "]"))),
    literal_type: ($) => $._text,
    parenthesized_type: ($) => seq("(", $._type, ")"),

    // --- expressions ---

    _expression: ($) => choice($.conditional, $.binary, $.unary, $._postfix),
    conditional: ($) =>
      prec.right(
        PRECEDENCE.conditional,
        seq(field("condition", $._expression), "?", field("then", $._expression), ":", field("else", $._expression)),
      ),
    binary: ($) =>
      choice(
        ...[
          [PRECEDENCE.coalesce, "??"],
          [PRECEDENCE.or, "or"],
          [PRECEDENCE.and, "and"],
          [PRECEDENCE.comparison, choice("==", "!=", "<", "<=", ">", ">=", "in", seq("not", "in"))],
          [PRECEDENCE.sum, choice("+", "-")],
          [PRECEDENCE.product, choice("*", "/", "%")],
        ].map(([level, operator]) =>
          prec.left(level, seq(field("left", $._expression), field("operator", operator), field("right", $._expression))),
        ),
      ),
    unary: ($) =>
      choice(
        prec(PRECEDENCE.not, seq("not", $._expression)),
        prec(PRECEDENCE.negative, seq("-", $._expression)),
      ),

    _postfix: ($) => choice($.attribute, $.index, $.splat, $.call, $._atom),
    attribute: ($) => prec(PRECEDENCE.postfix, seq(field("value", $._postfix), ".", field("name", $.name))),
    index: ($) => prec(PRECEDENCE.postfix, seq(field("value", $._postfix), "[", list($._expression), "]")),
    splat: ($) => prec(PRECEDENCE.postfix, seq(field("value", $._postfix), "[", "*", "]")),
    call: ($) => prec(PRECEDENCE.postfix, seq(field("function", $._postfix), field("arguments", $.arguments))),
    arguments: ($) => seq("(", optional(list(choice($.named_argument, $._expression))), ")"),
    named_argument: ($) => seq(field("name", $.name), "=", field("value", $._expression)),

    _atom: ($) => choice($.name, $._literal, $._text, $.parenthesized, $.list, $.map_value),
    parenthesized: ($) => seq("(", $._expression, ")"),
    list: ($) => seq("[", optional(list($._expression)), "]"),
    map_value: ($) => seq("{", optional(list($.entry)), "}"),
    entry: ($) => seq(field("key", choice($.name, $._text)), ":", field("value", $._expression)),

    _literal: ($) => choice($.int, $.float, $.duration, $.size, $.date, $.bool, $.null),
    bool: (_) => choice("true", "false"),
    null: (_) => "null",

    // --- strings ---

    _text: ($) => choice($.string, $.raw_string),
    string: ($) => choice(interpolated($, '"""', /[^"\\$]+|"/), interpolated($, '"', /[^"\\$\n]+/)),
    raw_string: ($) => choice(raw($, "'''", /([^']|'[^']|''[^'])+/), raw($, "'", /[^'\n]+/)),
    escape: (_) => token.immediate(prec(1, choice("$${", /\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[^\r])/))),
    interpolation: ($) => seq(token.immediate(prec(1, "${")), $._expression, "}"),

    // --- tokens ---

    name: (_) => /[A-Za-z_][A-Za-z0-9_]*/,
    date: (_) => /\d\d\d\d-\d\d-\d\d/,
    size: (_) => /\d[\d_]*(\.\d+)?(Ki|Mi|Gi|Ti|KB|MB|GB|TB)/,
    duration: (_) => /(\d[\d_]*(ms|w|d|h|m|s))+/,
    float: (_) => /\d[\d_]*(\.\d[\d_]*([eE][+-]?\d+)?|[eE][+-]?\d+)/,
    int: (_) => /\d[\d_]*/,

    // At the same length the first one wins: `###` begins a plain comment.
    doc_comment: (_) => /##([^#\n][^\n]*)?/,
    comment: (_) => /#[^\n]*/,
  },
});
