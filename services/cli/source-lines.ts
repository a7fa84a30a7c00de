import { ruleErrorText } from '#shared/policy/rule-error.ts';
import type { Output } from './output.ts';
import type { Fault } from './rule-folder.ts';

const SHOWN_BEFORE = 60;
const SHOWN = 100;
const EDITORS_OWN = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** A fault as people read it: where, what, the line itself, and a caret under the place. */
export function sayFault(fault: Fault, output: Output): void {
  output.say(output.style('red', ruleErrorText(fault).replace(EDITORS_OWN, ' ')));
  if (fault.text === undefined) return;
  const { shown, caret } = excerpt(fault.text, fault.column);
  const number = String(fault.line);
  output.say(`  ${number} | ${shown}`);
  output.say(`  ${' '.repeat(number.length)} | ${' '.repeat(caret)}^`);
}

/** A long line is cut so that the place stays in sight; a tab counts as one column, as editors count. */
function excerpt(text: string, column: number): { readonly shown: string; readonly caret: number } {
  const clean = text.replace(EDITORS_OWN, ' ');
  const from = column - 1 > SHOWN - 10 ? column - 1 - SHOWN_BEFORE : 0;
  const cut = clean.slice(from, from + SHOWN);
  const head = from > 0 ? '…' : '';
  return { shown: `${head}${cut}${from + SHOWN < clean.length ? '…' : ''}`, caret: column - 1 - from + head.length };
}

export function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/** Text in lines of at most so many characters, each indented. */
export function wrapped(text: string, indent: string, width = 80): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length > indent.length && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
    }
    line += line.length > indent.length ? ` ${word}` : word;
  }
  return [...lines, line].join('\n');
}
