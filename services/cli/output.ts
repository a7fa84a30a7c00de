import { styleText } from 'node:util';
import { line } from '#shared/kernel/plain-text.ts';

type Style = Parameters<typeof styleText>[0];

interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** What a command says: to people as lines, to machines as one JSON object, which is the last line. */
export class Output {
  readonly json: boolean;
  readonly #out: Screen;
  readonly #err: Screen;
  readonly #coloured: boolean;

  constructor(json: boolean, out: Screen = process.stdout, err: Screen = process.stderr) {
    this.json = json;
    this.#out = out;
    this.#err = err;
    this.#coloured = out.isTTY === true && !process.env.NO_COLOR;
  }

  /** For people only. */
  say(text = ''): void {
    if (!this.json) this.#out.write(`${text}\n`);
  }

  /** For machines only. */
  result(value: object): void {
    if (this.json) this.#out.write(`${JSON.stringify(value)}\n`);
  }

  /** Beside the result: what is going on, or wrong. */
  note(text: string): void {
    this.#err.write(`${text}\n`);
  }

  /** Colour only on a terminal that wants it. */
  style(style: Style, text: string): string {
    return this.#coloured ? styleText(style, text, { validateStream: false }) : text;
  }

  /** Columns as wide as their widest cell, the last one as it comes. Other people's text is made harmless here. */
  table(rows: readonly (readonly unknown[])[]): void {
    const cells = rows.map((row) => row.map((cell) => line(cell ?? '', 200)));
    const widths: number[] = [];
    for (const row of cells)
      for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
    for (const row of cells)
      this.say(row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index]!))).join('  '));
  }
}
