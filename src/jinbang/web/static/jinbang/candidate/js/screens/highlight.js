// Marking text of a stem as with a pen. Marks are offsets into the stem's text, kept on this machine only.

const textNodes = (root) => {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
};

function offsetOf(root, node, offset) {
  const before = document.createRange();
  before.selectNodeContents(root);
  before.setEnd(node, offset);
  return before.toString().length;
}

function wrap(node, from, to) {
  const range = document.createRange();
  range.setStart(node, from);
  range.setEnd(node, to);
  range.surroundContents(document.createElement("mark"));
}

/** Draws `marks` ([from, to] pairs) into `root`, replacing those drawn before. */
export function drawMarks(root, marks) {
  root.querySelectorAll("mark").forEach((mark) => mark.replaceWith(...mark.childNodes));
  root.normalize();
  marks.forEach(([from, to]) => {
    let at = 0;
    textNodes(root).forEach((node) => {
      const [start, end] = [Math.max(from - at, 0), Math.min(to - at, node.length)];
      at += node.length;
      if (start < end) wrap(node, start, end);
    });
  });
}

/** The selection inside `root` as [from, to], or null. */
export function selectedSpan(root) {
  const selection = window.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!root.contains(range.startContainer) || !root.contains(range.endContainer)) return null;
  return [offsetOf(root, range.startContainer, range.startOffset), offsetOf(root, range.endContainer, range.endOffset)];
}

/** `marks` with `span` added; if it lies wholly in marked text it is unmarked instead. */
export function toggle(marks, [from, to]) {
  const marked = new Set();
  marks.forEach(([a, b]) => { for (let i = a; i < b; i += 1) marked.add(i); });
  let all = true;
  for (let i = from; i < to; i += 1) all = all && marked.has(i);
  for (let i = from; i < to; i += 1) { if (all) marked.delete(i); else marked.add(i); }
  const points = Array.from(marked).sort((a, b) => a - b);
  return points.reduce((spans, i) => {
    const last = spans[spans.length - 1];
    if (last && last[1] === i) last[1] = i + 1;
    else spans.push([i, i + 1]);
    return spans;
  }, []);
}
