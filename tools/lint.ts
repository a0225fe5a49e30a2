/**
 * The project's own lint rules, a plugin for `deno lint`.
 *
 * - `buddyscope/pure-model`: below the command line there is no clock, no randomness, no input or output.
 * - `buddyscope/bit-operators-need-a-reason`: bit operators cut numbers to 32 bits, so each says why it may.
 * - `buddyscope/error-wording`: messages of thrown errors are worded as in Deno's standard library.
 *
 * @module
 */

/** Names that bring in something from outside, and what to do instead. */
const IMPURE: Readonly<Record<string, string>> = {
  Deno: "the host; only src/cli uses it",
  Date: "a clock",
  performance: "a clock",
  console: "output; return text instead",
  setTimeout: "a clock",
  setInterval: "a clock",
  fetch: "the network",
  process: "the host; only src/cli uses it",
  crypto: "randomness",
};

/** Files whose business is bits of a known, small width. */
const BIT_FILES: readonly string[] = ["src/word.ts", "src/alloc_page/page_state.ts"];

const BIT_OPERATORS: ReadonlySet<string> = new Set(
  ["<<", ">>", ">>>", "&", "|", "^"].flatMap((operator) => [operator, `${operator}=`]),
);

/** Where a reason for bit operators is written. */
const REASON = /\/\/\s*bits:\s*\S/;

/** Words that Deno's standard library writes out in messages. */
const CONTRACTION =
  /\b\w+n['’]t\b|\b(?:it|that|there|what|let|he|she)['’]s\b|\b\w+['’](?:re|ve|ll|d|m)\b/i;

const WORDED_ERRORS: ReadonlySet<string> = new Set(["RangeError", "TypeError", "SyntaxError"]);

/** Path inside the project, or nothing if the file is not part of the model. */
function modelPath(filename: string): string | undefined {
  const path = filename.replaceAll("\\", "/");
  return /(?:^|\/)((?:src|arch)\/[^]*|mod\.ts)$/.exec(path)?.[1];
}

/** Whether a file belongs to the model: everything published but the command line. */
function isBelowCommandLine(filename: string): boolean {
  const path = modelPath(filename);
  return path !== undefined && !path.startsWith("src/cli/");
}

/** Whether a name at this place is a key or a property and not a variable. */
function isOnlyAName(node: Deno.lint.Identifier): boolean {
  const parent = node.parent;
  switch (parent.type) {
    case "MemberExpression":
      return parent.property === node && !parent.computed;
    case "Property":
      return parent.key === node && !parent.computed;
    case "PropertyDefinition":
    case "MethodDefinition":
    case "TSPropertySignature":
    case "TSMethodSignature":
      return parent.key === node;
    default:
      return false;
  }
}

const pureModel: Deno.lint.Rule = {
  create(context): Deno.lint.LintVisitor {
    if (!isBelowCommandLine(context.filename)) return {};
    return {
      Identifier(node): void {
        const what = Object.hasOwn(IMPURE, node.name) ? IMPURE[node.name] : undefined;
        if (what === undefined || isOnlyAName(node)) return;
        context.report({ node, message: `The model is pure: ${node.name} is ${what}` });
      },
      MemberExpression(node): void {
        const { object, property } = node;
        const isRandom = object.type === "Identifier" && object.name === "Math" &&
          property.type === "Identifier" && property.name === "random";
        if (isRandom) {
          context.report({ node, message: "The model is pure: Math.random is randomness" });
        }
      },
      ImportExpression(node): void {
        context.report({ node, message: "The model is pure: a dynamic import is input" });
      },
    };
  },
};

type Operand = Deno.lint.Expression | Deno.lint.PrivateIdentifier;

/** Whether an expression can be seen to be a bigint, whose bit operators lose nothing. */
function isSurelyBigint(node: Operand): boolean {
  switch (node.type) {
    case "Literal":
      return typeof node.value === "bigint";
    case "UnaryExpression":
      return isSurelyBigint(node.argument);
    case "BinaryExpression":
      return isSurelyBigint(node.left) || isSurelyBigint(node.right);
    case "TSAsExpression":
      return isSurelyBigint(node.expression);
    case "CallExpression": {
      const { callee } = node;
      const name = callee.type === "MemberExpression" ? callee.object : callee;
      return name.type === "Identifier" && name.name === "BigInt";
    }
    default:
      return false;
  }
}

/** Whether an expression is turned into a number at once, as only a bigint need be: `Number(a >> b)`. */
function isMadeANumber(node: Deno.lint.BinaryExpression): boolean {
  const { parent } = node;
  return parent.type === "CallExpression" && parent.callee.type === "Identifier" &&
    parent.callee.name === "Number" && parent.arguments[0] === node;
}

/** Whether an operand is a small mask: the low bits of any whole number below 2^53 survive the cut. */
function isSmallMask(node: Operand): boolean {
  return node.type === "Literal" && typeof node.value === "number" && node.value < 2 ** 31;
}

/** Whether a bit operator can be seen to lose nothing. */
function isHarmless(node: Deno.lint.BinaryExpression): boolean {
  return isSurelyBigint(node) || isMadeANumber(node) ||
    (node.operator === "&" && (isSmallMask(node.left) || isSmallMask(node.right)));
}

/** Lines before the first statement: imports count as statements. */
function headerOf(lines: readonly string[]): string {
  const first = lines.findIndex((line) => line !== "" && !/^\s*(?:\/\/|\/?\*)/.test(line));
  return lines.slice(0, first < 0 ? lines.length : first).join("\n");
}

const bitOperators: Deno.lint.Rule = {
  create(context): Deno.lint.LintVisitor {
    const path = modelPath(context.filename);
    if (path === undefined || BIT_FILES.includes(path)) return {};
    const text = context.sourceCode.text;
    const lines = text.split("\n");
    if (REASON.test(headerOf(lines))) return {};
    const lineOf = (offset: number): number => text.slice(0, offset).split("\n").length - 1;
    const hasReason = (line: number): boolean =>
      REASON.test(lines[line] ?? "") || REASON.test(lines[line - 1] ?? "");
    const check = (node: Deno.lint.Node, operator: string): void => {
      if (hasReason(lineOf(node.range[0])) || REASON.test(lines[lineOf(node.range[1])] ?? "")) {
        return;
      }
      const enclosing = context.sourceCode.getAncestors(node).filter((ancestor) =>
        /Function|MethodDefinition|^(?:Variable|ExportNamed)Declaration$/.test(ancestor.type)
      );
      if (enclosing.some((ancestor) => hasReason(lineOf(ancestor.range[0])))) return;
      context.report({
        node,
        message: `"${operator}" cuts numbers to 32 bits`,
        hint: 'Calculate with %, Math.floor and 2 **, or write "// bits: <why it is safe>" here, ' +
          "before the function, or at the top of the file",
      });
    };
    return {
      BinaryExpression(node): void {
        if (BIT_OPERATORS.has(node.operator) && !isHarmless(node)) check(node, node.operator);
      },
      AssignmentExpression(node): void {
        if (BIT_OPERATORS.has(node.operator) && !isSurelyBigint(node.right)) {
          check(node, node.operator);
        }
      },
      UnaryExpression(node): void {
        const parent = node.parent;
        const isPartOfBigint = parent.type === "BinaryExpression" && isHarmless(parent);
        if (node.operator === "~" && !isSurelyBigint(node) && !isPartOfBigint) check(node, "~");
      },
    };
  },
};

/** The fixed pieces of a message, in order; a gap is an empty piece. */
function piecesOf(node: Operand): string[] {
  switch (node.type) {
    case "Literal":
      return [typeof node.value === "string" ? node.value : ""];
    case "TemplateLiteral":
      return node.quasis.map((quasi) => quasi.cooked);
    case "BinaryExpression":
      return node.operator === "+" ? [...piecesOf(node.left), ...piecesOf(node.right)] : [""];
    default:
      return [""];
  }
}

const errorWording: Deno.lint.Rule = {
  create(context): Deno.lint.LintVisitor {
    return {
      NewExpression(node): void {
        const { callee } = node;
        const message = node.arguments[0];
        if (callee.type !== "Identifier" || !WORDED_ERRORS.has(callee.name)) return;
        if (message === undefined || message.type === "SpreadElement") return;
        const pieces = piecesOf(message);
        if ((pieces.at(-1) ?? "").trimEnd().endsWith(".")) {
          context.report({ node: message, message: "An error message does not end in a period" });
        }
        const contraction = pieces.map((piece) => CONTRACTION.exec(piece)?.[0]).find(Boolean);
        if (contraction !== undefined) {
          context.report({
            node: message,
            message: `An error message writes "${contraction}" out`,
          });
        }
      },
    };
  },
};

const plugin: Deno.lint.Plugin = {
  name: "buddyscope",
  rules: {
    "pure-model": pureModel,
    "bit-operators-need-a-reason": bitOperators,
    "error-wording": errorWording,
  },
};
export default plugin;
