import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openConcierge } from '#shared/connectors/concierges.ts';
import { openHttp, storeOrigin } from '#shared/connectors/outbound.ts';
import type { FrontDesk } from '#shared/connectors/testing/front-desks.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { newMasterKeyText, parseMasterKey } from '#shared/runtime/seal.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { Api } from '../api.ts';
import { readArguments } from '../arguments.ts';
import { type Command, type ExitCode, StoppedError } from '../command.ts';
import { Output } from '../output.ts';
import { type Asker, NOBODY } from './ask.ts';
import type { Door, WithDoor } from './door.ts';

const RULES = fileURLToPath(new URL('../../../rules', import.meta.url));

export const PUBLIC_URL = 'https://parley.example';

export interface Ran {
  readonly code: ExitCode | Error;
  readonly text: string;
  readonly notes: string;
  /** The last line with --json. */
  readonly result: Record<string, unknown>;
}

/** A database, a rule folder and a fake platform behind the commands that connect stores. */
export interface Shelf {
  readonly database: TestDatabase;
  readonly folder: string;
  readonly rules: string;
  readonly door: Door;
  /** As Parley is started with it. */
  publicUrl: string;
  /** Ctrl-C while the command at hand changes something. */
  stop(): void;
  /** As it is typed; `questions` are answered in order, and without them nobody is there. */
  run(make: (withDoor: WithDoor) => Command, words: string, questions?: readonly string[]): Promise<Ran>;
  file(name: string, text: string): string;
  close(): Promise<void>;
}

/** Whatever host a command names, the platform there is the desk. */
export async function openShelf(desk: () => FrontDesk): Promise<Shelf> {
  const database = await createDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'parley-stores-'));
  const rules = join(folder, 'rules');
  cpSync(RULES, rules, { recursive: true });
  let stopping = new AbortController();
  const door: Door = {
    sql: database.sql,
    masterKey: parseMasterKey(newMasterKeyText(), 'test'),
    get publicUrl() {
      return shelf.publicUrl;
    },
    clocks: systemClocks,
    asker: NOBODY,
    gatewayKnowsMs: 0,
    rulesKnownMs: 0,
    concierge: (platform, url, credential) => {
      // A shop of WooCommerce's may lie in a folder.
      const folder = platform === 'woocommerce' ? new URL(url).pathname.replace(/\/$/, '') : '';
      return openConcierge(platform, openHttp(storeOrigin('sandbox', desk().url + folder)), credential, systemClocks);
    },
    untilStopped: (work) => {
      stopping = new AbortController();
      return work(stopping.signal);
    },
  };
  const shelf: Shelf = {
    database,
    folder,
    rules,
    door,
    publicUrl: PUBLIC_URL,
    stop: () => stopping.abort(new StoppedError('Stopped')),
    run: (make, words, questions) =>
      run(make, words.replaceAll('RULES', rules), questions ? { ...door, asker: answering(questions) } : door),
    file: (name, text) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    close: async () => {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
  return shelf;
}

/** What a person types, in order; too few of them is a question that nobody expected. */
function answering(answers: readonly string[]): Asker {
  const left = [...answers];
  const next = async (question: string) => {
    const answer = left.shift();
    if (answer === undefined) throw new Error(`asked, and not expected: ${question}`);
    return answer;
  };
  return { canAsk: true, ask: next, askSecret: next, confirm: async (question) => (await next(question)) === 'y' };
}

async function run(make: (withDoor: WithDoor) => Command, words: string, door: Door): Promise<Ran> {
  let text = '';
  let notes = '';
  const command = make((_invocation, work) => work(door));
  const write = (chunk: string) => {
    text += chunk;
  };
  const output = new Output(words.includes('--json'), { write }, { write: (chunk: string) => (notes += chunk) });
  let code: ExitCode | Error;
  try {
    const { operands, options } = readArguments(command, words.split(' ').filter(Boolean));
    code = await command.run({ operands, options, api: new Api('http://127.0.0.1:1'), output });
  } catch (thrown) {
    code = thrown as Error;
  }
  const last = text.trim().split('\n').at(-1) ?? '';
  return { code, text, notes, result: last.startsWith('{') ? JSON.parse(last) : {} };
}
