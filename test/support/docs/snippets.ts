/** A fenced block of a page of Markdown. */
export interface Snippet {
  /** Language of the fence; empty if it names none. */
  readonly language: string;
  readonly code: string;
  /** Line of the page on which the fence opens, from 1. */
  readonly line: number;
  /** Text of the HTML comments directly before the fence, such as `not run: it needs Docker`. */
  readonly marks: readonly string[];
}

const FENCE = /^( *)```(\S*)/;
const COMMENT = /^ *<!-- (.+) -->$/;

/** Returns the fenced blocks of a page in their order, those in lists included. */
export function snippetsOf(page: string): Snippet[] {
  const snippets: Snippet[] = [];
  const lines = page.split('\n');
  let marks: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const [, comment] = COMMENT.exec(line) ?? [];
    const [, indent = '', language = ''] = FENCE.exec(line) ?? [];
    if (comment !== undefined) {
      marks.push(comment);
    } else if (FENCE.test(line)) {
      const end = lines.indexOf(`${indent}\`\`\``, at + 1);
      if (end === -1) throw new Error(`The fence of line ${at + 1} is never closed`);
      const code = lines.slice(at + 1, end).map((text) => `${text.slice(indent.length)}\n`);
      snippets.push({ language, code: code.join(''), line: at + 1, marks });
      marks = [];
      at = end;
    } else if (line.trim() !== '') {
      marks = [];
    }
  }
  return snippets;
}

/** Returns the numbers of lines that begin an indented block of code: it has no language, so nothing can check it. */
export function indentedBlocksOf(page: string): number[] {
  const lines = page
    .replace(/^ *```[^]*?^ *```$/gm, (block) => block.replace(/.+/g, '#'))
    .split('\n');
  let isInList = false;
  return lines.flatMap((line, at) => {
    if (/^(- |\* |\d+\. )/.test(line)) isInList = true;
    else if (/^\S/.test(line)) isInList = false;
    const isCode = !isInList && /^ {4}/.test(line) && (lines[at - 1] ?? '') === '';
    return isCode ? [at + 1] : [];
  });
}
