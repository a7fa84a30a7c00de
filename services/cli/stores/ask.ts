import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { StoppedError, UsageError } from '../command.ts';

/** Whom a command asks what it was not told: a person at a terminal, or nobody. */
export interface Asker {
  /** False where nobody can answer: in a script, or where the output is for machines. */
  readonly canAsk: boolean;
  ask(question: string, otherwise?: string): Promise<string>;
  /** What is typed is not shown. */
  askSecret(question: string): Promise<string>;
  confirm(question: string, otherwise: boolean): Promise<boolean>;
}

export const NOBODY: Asker = {
  canAsk: false,
  ask: async (question) => {
    throw new UsageError(`Nobody is there to be asked "${question}".`);
  },
  askSecret: async (question) => {
    throw new UsageError(`Nobody is there to be asked "${question}".`);
  },
  confirm: async () => false,
};

type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };
type Screen = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** On a terminal a person; questions go to the standard error, which is the screen also where the output is piped on. */
export function openAsker(json: boolean, input: Input = process.stdin, screen: Screen = process.stderr): Asker {
  if (json || !input.isTTY || !screen.isTTY) return NOBODY;
  const question = (text: string, isHidden: boolean) => askOnce(input, screen, text, isHidden);
  const ask = async (text: string, otherwise?: string) =>
    (await question(`${text}${otherwise ? ` [${otherwise}]` : ''}: `, false)).trim() || otherwise || '';
  return {
    canAsk: true,
    ask,
    askSecret: async (text) => (await question(`${text} (not shown): `, true)).trim(),
    confirm: async (text, otherwise) => {
      const said = (await question(`${text} [${otherwise ? 'Y/n' : 'y/N'}] `, false)).trim().toLowerCase();
      return said === '' ? otherwise : said === 'y' || said === 'yes';
    },
  };
}

/** One interface a question, so that a hidden answer never meets the echo of another. */
function askOnce(input: Input, screen: Screen, text: string, isHidden: boolean): Promise<string> {
  screen.write(text);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: isHidden ? nowhere : screen, terminal: true });
  return new Promise((resolve, reject) => {
    let answer: string | undefined;
    lines.once('line', (line) => {
      answer = line;
      lines.close();
    });
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => {
      if (isHidden) screen.write('\n');
      if (answer === undefined) reject(new StoppedError('Stopped; nothing was changed.'));
      else resolve(answer);
    });
  });
}
