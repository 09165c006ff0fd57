// A calculator that reads expressions itself: + − × ÷ % ^ and brackets. No `eval`: the page's policy forbids it.

const RANK = { "+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 3 };
const APPLY = {
  "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, "%": (a, b) => a % b, "^": (a, b) => a ** b,
};

/** The value of `expression`; `null` if it is not one. */
export function evaluate(expression) {
  const tokens = expression.replace(/[×]/g, "*").replace(/[÷]/g, "/").replace(/[−]/g, "-").match(/\d+\.?\d*|\.\d+|[-+*/%^()]|\S/g) || [];
  let at = 0;

  function atom() {
    const token = tokens[at];
    at += 1;
    if (token === "-") return -level(3);
    if (token === "(") {
      const inner = level(1);
      if (tokens[at] !== ")") throw new SyntaxError("bracket");
      at += 1;
      return inner;
    }
    if (!/^[\d.]/.test(token || "")) throw new SyntaxError("number");
    return Number(token);
  }

  function level(rank) {
    let left = atom();
    while (RANK[tokens[at]] >= rank) {
      const operator = tokens[at];
      at += 1;
      left = APPLY[operator](left, level(operator === "^" ? RANK[operator] : RANK[operator] + 1));
    }
    return left;
  }

  try {
    const value = level(1);
    return at === tokens.length && Number.isFinite(value) ? Number(value.toPrecision(12)) : null;
  } catch (invalid) {
    if (invalid instanceof SyntaxError) return null;
    throw invalid;
  }
}
